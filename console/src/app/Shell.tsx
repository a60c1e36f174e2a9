import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { useQueryClient } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Credentials } from '../aws/sign';
import { onReturn, watchServer } from './connection';
import { PassingNotifications } from './Notifications';
import { Page } from './Page';
import { useSession } from './session';
import { SignIn, SignInAgain } from './SignIn';
import { TopBar } from './TopBar';

/** The top bar, and below it the page or the sign-in; above a page with a key that is not taken, the sign-in too. */
export function Shell() {
  const { credentials, visit, refusal } = useSession();
  const queries = useQueryClient();
  useEffect(watchServer, []);
  // Whatever was on the page when the server went away is asked for again.
  useEffect(() => onReturn(() => void queries.invalidateQueries()), [queries]);
  useNewKey(credentials, visit);
  return (
    <>
      <TopBar />
      <PassingNotifications />
      {credentials === undefined ? <SignIn /> : <Outlet />}
      {refusal === undefined ? null : <SignInAgain />}
    </>
  );
}

/** A key in the place of a refused one may be shown other things: whatever the page knows is asked for again. */
function useNewKey(credentials: Credentials | undefined, visit: number): void {
  const queries = useQueryClient();
  const last = useRef({ credentials, visit });
  useEffect(() => {
    const isAnother = last.current.visit === visit && last.current.credentials !== credentials;
    last.current = { credentials, visit };
    if (isAnother) {
      queries.removeQueries({ type: 'inactive' });
      void queries.cancelQueries().then(() => queries.invalidateQueries());
    }
  }, [queries, credentials, visit]);
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
