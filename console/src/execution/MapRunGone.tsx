import Alert from '@cloudscape-design/components/alert';
import { at, PlaceLink } from '../app/link';
import { machineOf } from '../machines/arn';

/** In place of a Map Run that the server does not have. */
export function MapRunGone({ arn }: { readonly arn: string }) {
  const machine = machineOf(arn);
  return (
    <Alert type="info" header="There is no such Map Run">
      It never was here, or it went with its execution, whose history is no longer kept. See{' '}
      <PlaceLink to={at('state-machines', machine.arn)}>the executions of {machine.name}</PlaceLink>.
    </Alert>
  );
}
