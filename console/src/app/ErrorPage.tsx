import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { at, PlaceLink } from './link';
import { errorText } from './notifications';
import { Page } from './Page';

/** What a page that failed to draw is replaced by; the navigation stays. */
export function ErrorPage({ error }: ErrorComponentProps) {
  // After an upgrade of the server, the names of the page's parts are others.
  const isStale = error instanceof Error && /dynamically imported module|module script failed/i.test(error.message);
  return (
    <Page title={isStale ? 'The console was updated' : 'Something went wrong'}>
      <Alert
        type={isStale ? 'info' : 'error'}
        header={isStale ? 'The server has a newer console' : 'This page failed'}
        action={<Button onClick={() => window.location.reload()}>Reload</Button>}
      >
        {isStale ? 'Reload the page to go on with it.' : errorText(error)}
      </Alert>
    </Page>
  );
}

export function NotFoundPage() {
  return (
    <Page title="Not found">
      <Box padding="xxl" textAlign="center">
        <Box variant="h1">There is no such page</Box>
        <PlaceLink to={at('state-machines')}>State machines</PlaceLink>
      </Box>
    </Page>
  );
}
