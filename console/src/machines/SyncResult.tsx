import SpaceBetween from '@cloudscape-design/components/space-between';
import type { StartSyncExecutionOutput } from '../aws/states';
import { FailureAlert } from '../ui/FailureAlert';
import { JsonView } from '../ui/JsonView';
import { Status } from '../ui/Status';
import { durationText } from '../ui/time';

/** How a synchronous execution ended. */
export function SyncResult({ result }: { readonly result: StartSyncExecutionOutput }) {
  return (
    <SpaceBetween size="s">
      <div role="status">
        <Status status={result.status} /> in {durationText(result.stopDate - result.startDate)}
      </div>
      {result.error === undefined ? null : <FailureAlert error={result.error} cause={result.cause} />}
      {result.output === undefined ? null : <JsonView name="output" text={result.output} />}
    </SpaceBetween>
  );
}
