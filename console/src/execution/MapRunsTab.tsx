import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { at, PlaceLink } from '../app/link';
import { useStates } from '../machines/useStates';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';
import { usePages } from '../ui/usePages';
import { idOf, labelOf } from './mapRun';
import { MapRunProgress } from './MapRunProgress';
import { MAP_RUN_POLL_MS, useMapRun } from './useMapRun';

interface Props {
  readonly executionArn: string;
  readonly running: boolean;
}

/** How far each is, is asked for by itself. */
const PAGE_ROWS = 10;

/** The Map Runs of an execution, newest first. */
export function MapRunsTab({ executionArn, running }: Props) {
  const { api, key } = useStates();
  const [page, setPage] = useState(1);
  const list = usePages({
    key: [...key, 'map-runs', executionArn],
    fetch: (nextToken, signal) => api.listMapRuns({ executionArn, maxResults: 100, nextToken }, { signal }),
    items: (answer) => answer.mapRuns,
    more: (items) => items.length <= page * PAGE_ROWS,
    refetchInterval: (answers) => (running && answers.length < 2 ? MAP_RUN_POLL_MS : false),
  });
  const pages = Math.max(1, Math.ceil(list.items.length / PAGE_ROWS));
  const shown = Math.min(page, pages);
  return (
    <SpaceBetween size="m">
      {list.isError ? <Problem what="The Map Runs could not be listed" error={list.error} onRetry={() => void list.refetch()} /> : null}
      <Table
        variant="embedded" wrapLines trackBy="mapRunArn" loading={list.isPending} loadingText="Loading Map Runs" ariaLabels={{ tableLabel: 'Map Runs' }}
        items={list.items.slice((shown - 1) * PAGE_ROWS, shown * PAGE_ROWS)}
        empty={list.unknown ? <Unknown /> : <Empty title="No Map Runs" text="A Map in distributed mode makes one each time it is entered." />}
        pagination={pages === 1 && list.complete ? undefined : <Pagination currentPageIndex={shown} pagesCount={pages} openEnd={!list.complete} onChange={({ detail }) => setPage(detail.currentPageIndex)} />}
        columnDefinitions={[
          { id: 'name', header: 'Map Run', minWidth: 180, isRowHeader: true, cell: ({ mapRunArn }) => <PlaceLink to={at('map-runs', mapRunArn)}>{`${labelOf(mapRunArn)}:${idOf(mapRunArn)}`}</PlaceLink> },
          { id: 'status', header: 'Status', cell: ({ mapRunArn }) => <StatusOf arn={mapRunArn} /> },
          { id: 'items', header: 'Items', minWidth: 190, cell: ({ mapRunArn }) => <span className="ex-words"><ItemsOf arn={mapRunArn} /></span> },
          { id: 'started', header: 'Started', cell: ({ startDate }) => <Time precise at={startDate} /> },
          { id: 'took', header: 'Duration', cell: ({ startDate, stopDate }) => (stopDate === undefined ? '-' : durationText(stopDate - startDate)) },
        ]}
      />
    </SpaceBetween>
  );
}

function StatusOf({ arn }: { readonly arn: string }) {
  const { data } = useMapRun(arn);
  return data === undefined ? <>-</> : <Status status={data.status} />;
}

function ItemsOf({ arn }: { readonly arn: string }) {
  const { data } = useMapRun(arn);
  return data === undefined ? <>-</> : <MapRunProgress run={data} label="" />;
}
