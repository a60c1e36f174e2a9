import ColumnLayout from '@cloudscape-design/components/column-layout';
import Box from '@cloudscape-design/components/box';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Tabs from '@cloudscape-design/components/tabs';
import { getRouteApi } from '@tanstack/react-router';
import { at, PlaceLink } from '../app/link';
import type { DescribeExecutionOutput, DescribeStateMachineForExecutionOutput } from '../aws/states';
import { machineOf } from '../machines/arn';
import { Arn } from '../ui/Arn';
import { JsonView } from '../ui/JsonView';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';
import { Payload } from './Payload';
import { ResourceLinks } from './ResourceLink';
import { useNow } from './useNow';
import { withChanges } from './useSelection';

interface Props {
  readonly execution: DescribeExecutionOutput;
  readonly machine: DescribeStateMachineForExecutionOutput | undefined;
  readonly events: number;
}

const route = getRouteApi('/executions/$arn');

export function Summary({ execution, machine, events }: Props) {
  const { tab = 'details' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Tabs
      variant="container"
      activeTabId={tab}
      onChange={({ detail }) => void navigate({ search: (old) => withChanges(old, { tab: detail.activeTabId }), replace: true, resetScroll: false })}
      tabs={[
        { id: 'details', label: 'Details', content: <Details execution={execution} machine={machine} events={events} /> },
        { id: 'data', label: 'Input & output', content: <Data execution={execution} /> },
        { id: 'definition', label: 'Definition', content: <JsonView name="definition" text={machine?.definition ?? ''} /> },
      ]}
    />
  );
}

function Details({ execution, machine, events }: Props) {
  const { startDate, stopDate } = execution;
  const now = useNow(stopDate === undefined);
  const version = execution.stateMachineVersionArn ?? execution.stateMachineAliasArn;
  const own = machineOf(execution.executionArn);
  return (
    <KeyValuePairs
      columns={4}
      items={[
        { label: 'Status', value: <Status status={execution.status} /> },
        { label: 'Started', value: <Time at={startDate} /> },
        { label: 'Ended', value: <Time at={stopDate} /> },
        { label: 'Duration', value: durationText((stopDate ?? now) - startDate) },
        { label: 'State machine', value: <PlaceLink to={at('state-machines', own.arn)}>{own.name}</PlaceLink> },
        { label: 'Version', value: version === undefined ? `Revision of ${machine === undefined ? '-' : new Date(machine.updateDate * 1000).toISOString()}` : <PlaceLink to={at('state-machines', version)}>{version.split(':').at(-1) ?? version}</PlaceLink> },
        { label: 'Events', value: events.toLocaleString('en-US') },
        ...(execution.mapRunArn === undefined ? [] : [{ label: 'Map Run', value: <ResourceLinks resources={[{ text: execution.mapRunArn.split(':').at(-1) ?? '', place: at('map-runs', execution.mapRunArn) }]} /> }]),
        { label: 'Execution ARN', value: <Arn arn={execution.executionArn} /> },
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
