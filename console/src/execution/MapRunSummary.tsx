import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { at, PlaceLink } from '../app/link';
import type { DescribeMapRunOutput } from '../aws/states';
import { machineOf } from '../machines/arn';
import { counted } from '../ui/counted';
import { Facts } from '../ui/Facts';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';
import { nameOfExecution } from './executionArn';
import { MapRunProgress } from './MapRunProgress';
import { useNow } from './useNow';

/** When it ran, how far it is, and within which bounds. */
export function MapRunSummary({ run }: { readonly run: DescribeMapRunOutput }) {
  const { startDate, stopDate, executionArn, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = run;
  const now = useNow(stopDate === undefined);
  const machine = machineOf(run.mapRunArn);
  const redrives = run.redriveCount ?? 0;
  return (
    <Container header={<Header variant="h2">Details</Header>}>
      <SpaceBetween size="l">
        <MapRunProgress run={run} label="Items" />
        <Facts
          columns={4}
          arn={{ label: 'Map Run ARN', value: run.mapRunArn }}
          items={[
            { label: 'Status', value: <Status status={run.status} /> },
            { label: 'Started', value: <Time precise at={startDate} /> },
            { label: 'Ended', value: <Time precise at={stopDate} /> },
            { label: 'Duration', value: durationText((stopDate ?? now) - startDate) },
            { label: 'Execution', value: <PlaceLink to={at('executions', executionArn)}>{nameOfExecution(executionArn)}</PlaceLink> },
            { label: 'State machine', value: <PlaceLink to={at('state-machines', machine.arn)}>{machine.name}</PlaceLink> },
            { label: 'Concurrency', value: maxConcurrency === 0 ? 'No limit of its own' : `At most ${maxConcurrency.toLocaleString('en-US')}` },
            { label: 'Tolerated failures', value: toleranceText(toleratedFailureCount, toleratedFailurePercentage) },
            ...(redrives === 0 ? [] : [{ label: 'Redrives', value: <>{redrives}, the last at <Time precise at={run.redriveDate} /></> }]),
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

/** Whichever is passed first fails the Map Run; 0 is a bound only if the other is 0 too. */
function toleranceText(count: number, percentage: number): string {
  const bounds = [...(count === 0 ? [] : [counted(count, 'item')]), ...(percentage === 0 ? [] : [`${percentage}%`])];
  return bounds.length === 0 ? 'None' : bounds.join(', or ');
}
