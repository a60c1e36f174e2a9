import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { HistoryEvent } from '../aws/states';
import { useStates } from '../machines/useStates';
import { Problem } from '../ui/Problem';
import { Time } from '../ui/time';
import { usePages } from '../ui/usePages';

const PAGE_ROWS = 25;

/** The history as the API tells it. */
export function EventsTable({ executionArn, running }: { readonly executionArn: string; readonly running: boolean }) {
  const { api, key } = useStates();
  const [page, setPage] = useState(1);
  const history = usePages({
    key: [...key, 'execution', executionArn, 'history'],
    fetch: (nextToken, signal) => api.getExecutionHistory({ executionArn, maxResults: 1000, nextToken }, { signal }),
    items: (answer) => answer.events,
    refetchInterval: () => (running ? 1000 : false),
  });
  if (history.isError) {
    return <Problem what="The history could not be read" error={history.error} onRetry={() => void history.refetch()} />;
  }
  return (
    <Table
      header={<Header variant="h2" counter={`(${history.items.length})`}>Events</Header>}
      loading={history.isPending}
      trackBy={(event) => String(event.id)}
      items={history.items.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS)}
      columnDefinitions={[
        { id: 'id', header: 'ID', cell: (event) => event.id },
        { id: 'type', header: 'Type', isRowHeader: true, cell: (event) => event.type },
        { id: 'state', header: 'Step', cell: stateOf },
        { id: 'time', header: 'Date', cell: (event) => <Time at={event.timestamp} /> },
      ]}
      pagination={
        <Pagination
          currentPageIndex={page}
          pagesCount={Math.max(1, Math.ceil(history.items.length / PAGE_ROWS))}
          onChange={({ detail }) => setPage(detail.currentPageIndex)}
        />
      }
    />
  );
}

function stateOf(event: HistoryEvent): string {
  return event.stateEnteredEventDetails?.name ?? event.stateExitedEventDetails?.name ?? '-';
}
