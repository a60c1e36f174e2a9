import Container from '@cloudscape-design/components/container';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { at, PlaceLink } from '../app/link';
import type { DescribeExecutionOutput } from '../aws/states';
import { FailureAlert } from '../ui/FailureAlert';
import { Problem } from '../ui/Problem';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';
import './execution.css';
import { Gone, isGone } from './Gone';
import { labelOf } from './mapRun';
import { Payload } from './Payload';
import { useExecution } from './useExecution';

/** What is kept of a Map Run's EXPRESS child: its beginning and its end. */
export function ExpressChild({ arn }: { readonly arn: string }) {
  const { data, error, isPending, refetch } = useExecution(arn);
  if (isPending) return <Spinner size="large" />;
  if (data !== undefined) return <Known execution={data} />;
  return isGone(error) ? <Gone arn={arn} /> : <Problem what="The execution could not be read" error={error} onRetry={() => void refetch()} />;
}

function Known({ execution }: { readonly execution: DescribeExecutionOutput }) {
  const { status, startDate, stopDate, mapRunArn, error, cause } = execution;
  return (
    <Container>
      <SpaceBetween size="l">
        {error === undefined && cause === undefined ? null : <FailureAlert error={error} cause={cause} />}
        <KeyValuePairs
          columns={4}
          items={[
            { label: 'Status', value: <Status status={status} /> },
            { label: 'Started', value: <Time precise at={startDate} /> },
            { label: 'Duration', value: stopDate === undefined ? '-' : durationText(stopDate - startDate) },
            { label: 'Map Run', value: mapRunArn === undefined ? '-' : <PlaceLink to={at('map-runs', mapRunArn)}>{labelOf(mapRunArn)}</PlaceLink> },
          ]}
        />
        <div className="execution ex-two">
          <KeyValuePairs items={[{ label: 'Input', value: <Payload name="input" text={execution.input} /> }]} />
          <KeyValuePairs items={[{ label: 'Output', value: <Payload name="output" text={execution.output} /> }]} />
        </div>
      </SpaceBetween>
    </Container>
  );
}
