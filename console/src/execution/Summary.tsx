import ColumnLayout from '@cloudscape-design/components/column-layout';
import Box from '@cloudscape-design/components/box';
import Tabs from '@cloudscape-design/components/tabs';
import { getRouteApi } from '@tanstack/react-router';
import { at, PlaceLink } from '../app/link';
import type { DescribeExecutionOutput, DescribeStateMachineForExecutionOutput } from '../aws/states';
import { machineOf } from '../machines/arn';
import { Facts } from '../ui/Facts';
import { JsonView } from '../ui/JsonView';
import { chosenOf } from '../ui/search';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';
import { hasMapRuns, labelOf } from './mapRun';
import { MapRunsTab } from './MapRunsTab';
import { Payload } from './Payload';
import { useNow } from './useNow';
import { withChanges } from './useSelection';
import { versionFact } from './versionFact';

interface Props {
  readonly execution: DescribeExecutionOutput;
  readonly machine: DescribeStateMachineForExecutionOutput | undefined;
  readonly events: number;
}

const route = getRouteApi('/executions/$arn');

export function Summary({ execution, machine, events }: Props) {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const definition = machine?.definition ?? '';
  const tabs = [
    { id: 'details', label: 'Details', content: <Details execution={execution} machine={machine} events={events} /> },
    { id: 'data', label: 'Input & output', content: <Data execution={execution} /> },
    ...(hasMapRuns(definition) ? [{ id: 'map-runs', label: 'Map Runs', content: <MapRunsTab executionArn={execution.executionArn} running={execution.status === 'RUNNING'} /> } as const] : []),
    { id: 'definition', label: 'Definition', content: <JsonView name="definition" text={definition} /> },
  ] as const;
  return (
    <Tabs
      variant="container"
      tabs={tabs}
      activeTabId={chosenOf(tabs, tab)}
      onChange={({ detail }) => void navigate({ search: (old) => withChanges(old, { tab: detail.activeTabId }), replace: true, resetScroll: false })}
    />
  );
}

function Details({ execution, machine, events }: Props) {
  const { startDate, stopDate } = execution;
  const now = useNow(stopDate === undefined);
  const own = machineOf(execution.executionArn);
  return (
    <Facts
      columns={4}
      arn={{ label: 'Execution ARN', value: execution.executionArn }}
      items={[
        { label: 'Status', value: <Status status={execution.status} /> },
        { label: 'Started', value: <Time precise at={startDate} /> },
        { label: 'Ended', value: <Time precise at={stopDate} /> },
        { label: 'Duration', value: durationText((stopDate ?? now) - startDate) },
        { label: 'State machine', value: <PlaceLink to={at('state-machines', own.arn)}>{own.name}</PlaceLink> },
        versionFact(execution, machine),
        { label: 'Events', value: events.toLocaleString('en-US') },
        ...(execution.mapRunArn === undefined ? [] : [{ label: 'Map Run', value: <PlaceLink to={at('map-runs', execution.mapRunArn)}>{labelOf(execution.mapRunArn)}</PlaceLink> }]),
      ]}
    />
  );
}

function Data({ execution }: { readonly execution: DescribeExecutionOutput }) {
  return (
    <ColumnLayout columns={2}>
      <div>
        <Box variant="h3">Input</Box>
        <Payload name="input" text={execution.input} />
      </div>
      <div>
        <Box variant="h3">Output</Box>
        {execution.output === undefined && execution.status === 'RUNNING' ? <span className="ex-quiet">There is none until the execution succeeds.</span> : <Payload name="output" text={execution.output} />}
      </div>
    </ColumnLayout>
  );
}
