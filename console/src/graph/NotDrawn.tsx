import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { NotLoaded } from './usePicture';

interface Props {
  readonly failure: Error;
  readonly onRetry: () => void;
}

/** Why there is no graph, or an old one, and what to do. */
export function NotDrawn({ failure, onRetry }: Props) {
  return (
    <Alert type="error" header="The graph could not be drawn" action={<Button onClick={onRetry}>Try again</Button>}>
      {failure instanceof NotLoaded
        ? 'The part of the console that draws it did not come: the server does not answer, or has a newer console by now. Try again, or save and reload the page.'
        : failure.message}
    </Alert>
  );
}
