import { useMemo } from 'react';
import { Client } from '../aws/client';
import { ROOT } from './base';
import { serverAnswered, serverGone } from './connection';
import { refuse, TEST, useSession } from './session';

const watcher = { answered: serverAnswered, gone: serverGone, refused: refuse };

/** The client of whoever is signed in, in the region of the page. */
export function useAws(): Client {
  const { credentials, region } = useSession();
  return useMemo(() => new Client({ endpoint: ROOT, region, credentials: credentials ?? TEST }, watcher), [credentials, region]);
}

/** The beginning of every query's key: what another caller or region sees is another thing. */
export function scope(client: Client): readonly string[] {
  return [client.session.credentials.accessKeyId, client.session.region];
}
