import Alert from '@cloudscape-design/components/alert';
import { at, PlaceLink } from '../app/link';
import { AwsError } from '../aws/errors';
import { machineOf } from '../machines/arn';

export const isGone = (error: unknown): boolean => error instanceof AwsError && error.code === 'ExecutionDoesNotExist';

/** In place of an execution that the server does not have. */
export function Gone({ arn }: { readonly arn: string }) {
  const machine = machineOf(arn);
  return (
    <Alert type="info" header="There is no such execution">
      It was never started here, or it ended so long ago that its history is no longer kept: that is 90 days, as on AWS, or what the server was
      told. See <PlaceLink to={at('state-machines', machine.arn)}>the executions of {machine.name}</PlaceLink>.
    </Alert>
  );
}
