import { useMemo } from 'react';
import { Client } from '../aws/client';
import type { AwsError } from '../aws/errors';
import type { Credentials } from '../aws/sign';
import { ROOT } from './base';
import { serverAnswered, serverGone } from './connection';
import { currentSession, refuse, TEST, useSession } from './session';

/** The client of whoever is signed in, in the region of the page. */
export function useAws(): Client {
  const { credentials, region } = useSession();
  return useMemo(() => clientOf(credentials ?? TEST, region), [credentials, region]);
}

function clientOf(credentials: Credentials, region: string): Client {
  const refused = (error: AwsError) => refuse(error, credentials);
  return new Client({ endpoint: ROOT, region, credentials }, { answered: serverAnswered, gone: serverGone, refused });
}

/** The beginning of every query's key: what another visitor or region sees is another thing. */
export function scope(client: Client): readonly (string | number)[] {
  return [currentSession().visit, client.session.region];
}
