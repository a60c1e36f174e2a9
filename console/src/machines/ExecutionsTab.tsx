import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at, useGo } from '../app/link';
import type { DescribeStateMachineOutput } from '../aws/states';
import { Empty, Unknown } from '../ui/Empty';
import { itemsAt, Paging, usePlace } from '../ui/Paging';
import { Problem } from '../ui/Problem';
import { counterText, tableLabels } from '../ui/tables';
import { useRested } from '../ui/useRested';
import { executionColumns, type Found } from './executionColumns';
import { isFiltered, readFilter } from './executionFilter';
import { ExecutionFilters } from './ExecutionFilters';
import { ExpressNote } from './ExpressNote';
import { StartDialog } from './StartDialog';
import { StopDialog } from './StopDialog';
import { useExecutions } from './useExecutions';

const route = getRouteApi('/state-machines/$arn');
const PAGE_ROWS = 25;

interface Props {
  readonly machine: DescribeStateMachineOutput;
}

export function ExecutionsTab({ machine }: Props) {
  return machine.type === 'EXPRESS' ? (
    <ExpressNote machine={machine} />
  ) : (
    <StandardExecutions key={machine.stateMachineArn} machine={machine} />
  );
}

function StandardExecutions({ machine }: Props) {
  const search = route.useSearch();
  const place = usePlace(PAGE_ROWS);
  // A range that ends now moves on with the page, not with every drawing of it.
  const [now, setNow] = useState(() => Date.now() / 1000);
  const [q, error] = [useRested(search.q ?? ''), useRested(search.error ?? '')];
  const filter = readFilter({ ...search, q, error }, now);
  const list = useExecutions(machine.stateMachineArn, filter, place.wanted);
  const [selectedArns, setSelected] = useState<ReadonlySet<string>>(new Set());
  // As they are now; what the filter hides is not acted upon.
  const selected = list.items.filter(({ executionArn }) => selectedArns.has(executionArn));
  const [dialog, setDialog] = useState<'start' | 'stop'>();
  const start = <Button onClick={() => setDialog('start')}>Start execution</Button>;
  const running = selected.filter(({ status }) => status === 'RUNNING');
  const refresh = () => {
    setNow(Date.now() / 1000);
    void list.refetch();
  };
  return (
    <SpaceBetween size="m">
      {list.isError ? <Problem what="The executions could not be listed" error={list.error} onRetry={refresh} /> : null}
      {list.isLocal ? <LocalNote byError={error !== ''} /> : null}
      <Table
        wrapLines
        selectionType="multi"
        trackBy="executionArn"
        selectedItems={selected}
        onSelectionChange={({ detail }) => setSelected(new Set(detail.selectedItems.map(({ executionArn }) => executionArn)))}
        items={itemsAt(place, list.items)}
        columnDefinitions={executionColumns(list.items, error !== '')}
        loading={list.isPending}
        loadingText="Loading executions"
        ariaLabels={tableLabels('Executions', ({ name }: Found) => name)}
        header={
          <Header
            variant="h2"
            counter={counterText(list)}
            description={list.isStale ? 'Executions began or ended since this was read: refresh to see them.' : undefined}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" onClick={refresh} />
                <OpenButtons selected={selected} />
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
          ) : isFiltered(filter) ? (
            <Empty title="No matches" text={list.complete ? 'No execution is like that.' : list.paused ? 'None so far.' : 'Looking further back…'} />
          ) : (
            <Empty title="No executions" action={start} />
          )
        }
        filter={
          <ExecutionFilters
            onChange={() => {
              place.turn(1);
              setNow(Date.now() / 1000);
            }}
          />
        }
        footer={
          list.paused ? (
            <Box textAlign="center">
              There are older executions that were not looked at. <Button onClick={list.goOn}>Keep searching</Button>
            </Box>
          ) : null
        }
        pagination={<Paging place={place} list={list} />}
      />
      {dialog === 'start' ? <StartDialog machine={machine} onClose={() => setDialog(undefined)} /> : null}
      {dialog === 'stop' ? <StopDialog executions={running} onClose={() => setDialog(undefined)} /> : null}
    </SpaceBetween>
  );
}

/** One to look at, or two beside one another, the earlier first. */
function OpenButtons({ selected }: { readonly selected: readonly Found[] }) {
  const go = useGo();
  const [last, first] = selected;
  const compare = () => {
    if (first !== undefined && last !== undefined) {
      go(at('executions', first.executionArn, 'compare', { with: last.executionArn }));
    }
  };
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button disabled={selected.length !== 1} onClick={() => last && go(at('executions', last.executionArn))}>
        View details
      </Button>
      <Button disabled={selected.length !== 2} onClick={compare}>
        Compare
      </Button>
    </SpaceBetween>
  );
}

function LocalNote({ byError }: { readonly byError: boolean }) {
  return (
    <Alert type="info" header="This server does not search executions">
      Those that it lists are filtered here, by name, status and time.{' '}
      {byError ? 'It lists no errors: that filter is left out.' : ''}
    </Alert>
  );
}
