import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { useQueryClient } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useEffect } from 'react';
import { onReturn } from './connection';
import { Page } from './Page';
import { useSession } from './session';
import { SignIn, SignInAgain } from './SignIn';
import { TopBar } from './TopBar';

/** The top bar, and below it the page or the sign-in; above a page with a key that is not taken, the sign-in too. */
export function Shell() {
  const { credentials, refusal } = useSession();
  const queries = useQueryClient();
  // Whatever was on the page when the server went away is asked for again.
  useEffect(() => onReturn(() => void queries.invalidateQueries()), [queries]);
  // A better key may be given what the last one was not.
  useEffect(() => void queries.invalidateQueries({ predicate: ({ state }) => state.status === 'error' }), [queries, credentials]);
  return (
    <>
      <TopBar />
      {credentials === undefined ? <SignIn /> : <Outlet />}
      {refusal === undefined ? null : <SignInAgain />}
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
