import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at, useGo } from '../app/link';
import type { DescribeStateMachineOutput, ExecutionListItem } from '../aws/states';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { EXECUTION_COLUMNS } from './executionColumns';
import { readFilter } from './executionFilter';
import { ExecutionFilters } from './ExecutionFilters';
import { StartDialog } from './StartDialog';
import { StopDialog } from './StopDialog';
import { useExecutions } from './useExecutions';

const route = getRouteApi('/state-machines/$arn');
const PAGE_ROWS = 25;

interface Props {
  readonly machine: DescribeStateMachineOutput;
}

export function ExecutionsTab({ machine }: Props) {
  return machine.type === 'EXPRESS' ? <ExpressNote machine={machine} /> : <StandardExecutions machine={machine} />;
}

function StandardExecutions({ machine }: Props) {
  const search = route.useSearch();
  const [page, setPage] = useState(1);
  // A range that ends now moves on with the page, not with every drawing of it.
  const [now, setNow] = useState(() => Date.now() / 1000);
  const list = useExecutions(machine.stateMachineArn, readFilter(search, now), page * PAGE_ROWS);
  const [selected, setSelected] = useState<readonly ExecutionListItem[]>([]);
  const [dialog, setDialog] = useState<'start' | 'stop'>();
  const go = useGo();
  const start = <Button onClick={() => setDialog('start')}>Start execution</Button>;
  const running = selected.filter(({ status }) => status === 'RUNNING');
  const [one] = selected;
  const pages = Math.max(1, Math.ceil(list.found.length / PAGE_ROWS));
  const isFiltered = Object.keys(search).some((name) => name !== 'tab' && name !== 'region');
  const refresh = () => {
    setNow(Date.now() / 1000);
    void list.refetch();
  };
  return (
    <SpaceBetween size="m">
      {list.isError ? <Problem what="The executions could not be listed" error={list.error} onRetry={refresh} /> : null}
      <Table
        selectionType="multi"
        trackBy="executionArn"
        selectedItems={[...selected]}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        items={list.found.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS)}
        columnDefinitions={EXECUTION_COLUMNS}
        loading={list.isPending}
        loadingText="Loading executions"
        ariaLabels={{
          selectionGroupLabel: 'Selection',
          allItemsSelectionLabel: () => 'Select all',
          itemSelectionLabel: (_, item) => `Select ${item.name}`,
          tableLabel: 'Executions',
        }}
        header={
          <Header
            variant="h2"
            counter={list.isPending ? '' : `(${list.found.length}${list.complete ? '' : '+'})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" onClick={refresh} />
                <Button
                  disabled={selected.length !== 1}
                  onClick={() => one && go(at('executions', one.executionArn))}
                >
                  View details
                </Button>
                <Button disabled={running.length === 0} onClick={() => setDialog('stop')}>
                  Stop execution
                </Button>
                {start}
              </SpaceBetween>
            }
          >
            Executions
          </Header>
        }
        empty={
          list.unknown ? (
            <Unknown />
          ) : isFiltered ? (
            <Empty title="No matches" text={list.complete ? 'No execution is like that.' : 'Looking further back…'} />
          ) : (
            <Empty title="No executions" action={start} />
          )
        }
        filter={
          <ExecutionFilters
            onChange={() => {
              setPage(1);
              setNow(Date.now() / 1000);
            }}
          />
        }
        pagination={
          <Pagination
            currentPageIndex={Math.min(page, pages)}
            pagesCount={pages}
            openEnd={!list.complete}
            onChange={({ detail }) => setPage(detail.currentPageIndex)}
          />
        }
      />
      {dialog === 'start' ? <StartDialog machine={machine} onClose={() => setDialog(undefined)} /> : null}
      {dialog === 'stop' ? <StopDialog executions={running} onClose={() => setDialog(undefined)} /> : null}
    </SpaceBetween>
  );
}

function ExpressNote({ machine }: Props) {
  const [starting, setStarting] = useState(false);
  const isLogged = (machine.loggingConfiguration?.level ?? 'OFF') !== 'OFF';
  return (
    <>
      <Alert
        type="info"
        header="The API does not list Express executions"
        action={<Button onClick={() => setStarting(true)}>Start execution</Button>}
      >
        {isLogged
          ? 'Their events are in the log group that the Logging tab names. A synchronous execution shows its result here.'
          : 'Switch logging on to find their events in a log group. A synchronous execution shows its result here.'}
      </Alert>
      {starting ? <StartDialog machine={machine} onClose={() => setStarting(false)} /> : null}
    </>
  );
}
