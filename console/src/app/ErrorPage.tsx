import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { at, PlaceLink } from './link';
import { errorText } from './notifications';
import { Page } from './Page';

/** What a page that failed to draw is replaced by; the navigation stays. */
export function ErrorPage({ error }: ErrorComponentProps) {
  // A part of the page did not come: the server is away, or it was upgraded and its parts have other names.
  const isMissing = error instanceof Error && /dynamically imported module|module script failed/i.test(error.message);
  return (
    <Page title={isMissing ? 'Not loaded' : 'Something went wrong'}>
      <Alert
        type="error"
        header={isMissing ? 'A part of this page could not be loaded' : 'This page failed'}
        action={<Button onClick={() => window.location.reload()}>Reload</Button>}
      >
        {isMissing ? 'The server does not answer, or has a newer console by now. Reload the page to go on.' : errorText(error)}
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
