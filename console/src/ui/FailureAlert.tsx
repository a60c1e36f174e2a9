import Alert from '@cloudscape-design/components/alert';
import { failureOf } from './failure';
import { FailureText } from './FailureText';

interface Props {
  readonly type?: 'error' | 'warning';
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

/** An error and its cause, as histories and answers have them. */
export function FailureAlert({ type = 'error', error, cause }: Props) {
  const failure = failureOf(error, cause);
  return (
    <Alert type={type} header={failure.name}>
      <FailureText failure={failure} cause={cause} />
    </Alert>
  );
}
