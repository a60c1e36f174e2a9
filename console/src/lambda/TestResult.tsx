import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { InvocationResult } from '../aws/lambda';
import { CodeBox } from '../ui/CodeBox';
import { failureOf } from '../ui/failure';
import { FailureText } from '../ui/FailureText';
import { JsonView } from '../ui/JsonView';
import { durationText } from '../ui/time';
import { reportOf, withBreaks } from './report';

interface Props {
  readonly result: InvocationResult;
  /** As long as this page waited for it. */
  readonly seconds: number;
}

/** How an invocation ended. */
export function TestResult({ result, seconds }: Props) {
  const report = reportOf(result.log);
  const isTaken = result.status === 202;
  const told = (label: string, value: string | undefined) => (value === undefined ? [] : [{ label, value }]);
  const took = (label: string, of: number | undefined) => told(label, of === undefined ? undefined : durationText(of));
  return (
    <Container
      header={
        <Header variant="h2">
          <span role="status">
            {isTaken ? (
              <StatusIndicator type="success">Event accepted</StatusIndicator>
            ) : result.error === undefined ? (
              <StatusIndicator type="success">Succeeded</StatusIndicator>
            ) : (
              <StatusIndicator type="error">Failed</StatusIndicator>
            )}
          </span>
        </Header>
      }
    >
      <SpaceBetween size="m">
        {result.error === undefined ? null : <Failure error={result.error} payload={result.payload} />}
        <KeyValuePairs
          columns={4}
          items={[
            ...took('Duration', report.seconds),
            ...took('Billed duration', report.billedSeconds),
            { label: 'Until the answer', value: durationText(seconds) },
            ...took('Init duration', report.initSeconds),
            ...told('Memory used', report.memoryUsed),
            ...told('Memory', report.memory),
            ...told('Version', result.version),
            { label: 'Request ID', value: result.requestId },
          ]}
        />
        {result.payload === '' ? null : (
          <div>
            <Box variant="h3">Result</Box>
            <JsonView name="result" text={result.payload} />
          </div>
        )}
        {result.log === '' ? null : (
          <div>
            <Box variant="h3">Log, its last 4 KB</Box>
            <CodeBox wraps name="log" text={withBreaks(result.log)} />
          </div>
        )}
      </SpaceBetween>
    </Container>
  );
}

/** The payload stands below as the result. */
function Failure({ error, payload }: { readonly error: string; readonly payload: string }) {
  const failure = failureOf(undefined, payload);
  return (
    <Alert type="error" header={failure.name ?? error}>
      <FailureText failure={failure} />
    </Alert>
  );
}
