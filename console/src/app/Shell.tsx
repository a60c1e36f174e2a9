import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { useQueryClient } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useEffect } from 'react';
import { onReturn } from './connection';
import { Page } from './Page';
import { useSession } from './session';
import { SignIn } from './SignIn';
import { TopBar } from './TopBar';

/** The top bar, and below it the page or the sign-in. */
export function Shell() {
  const { credentials } = useSession();
  const queries = useQueryClient();
  // Whatever was on the page when the server went away is asked for again.
  useEffect(() => onReturn(() => void queries.invalidateQueries()), [queries]);
  return (
    <>
      <TopBar />
      {credentials === undefined ? <SignIn /> : <Outlet />}
    </>
  );
}

/** While the code of a page is on its way. */
export function PendingPage() {
  return (
    <Page title="Loading">
      <Box padding="xxl" textAlign="center">
        <Spinner size="large" />
      </Box>
    </Page>
  );
}
