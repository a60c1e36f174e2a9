import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { NetworkError } from '../aws/errors';
import { errorText } from '../app/notifications';

interface Props {
  /** What could not be done: "The state machines could not be listed". */
  readonly what: string;
  readonly error: unknown;
  readonly onRetry?: () => void;
}

/** Stands where something should be that the server did not give. */
export function Problem({ what, error, onRetry }: Props) {
  // That the server is gone stands above the page already, which goes on by itself when it is back.
  if (error instanceof NetworkError) {
    return null;
  }
  const retry = onRetry === undefined ? undefined : <Button onClick={onRetry}>Retry</Button>;
  return (
    <Alert type="error" header={what} action={retry}>
      {errorText(error)}
    </Alert>
  );
}
