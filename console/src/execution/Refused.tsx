import Alert from '@cloudscape-design/components/alert';
import { at, PlaceLink } from '../app/link';
import type { Refusal } from './executionArn';

/** Why there is nothing to compare. */
export function Refused({ arn, refusal }: { readonly arn: string; readonly refusal: Refusal }) {
  switch (refusal) {
    case 'none':
      return <Alert type="info">No execution is chosen to compare with.</Alert>;
    case 'not-an-execution':
      return (
        <Alert type="error" header="This is not the ARN of an execution">
          {arn} should read <code>arn:aws:states:REGION:ACCOUNT:execution:STATE_MACHINE:NAME</code>.
        </Alert>
      );
    case 'express':
      return (
        <Alert type="info" header="Express executions keep no history">
          There are no steps to compare. <PlaceLink to={at('executions', arn)}>Where its events are</PlaceLink>
        </Alert>
      );
    case 'other-region':
      return (
        <Alert type="error" header="The executions are in two regions">
          This one is in {arn.split(':')[3]}; executions of one region can be compared.
        </Alert>
      );
  }
}
