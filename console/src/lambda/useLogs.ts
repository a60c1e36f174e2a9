import { useState } from 'react';
import { logs } from '../aws/logs';
import { usePages } from '../ui/usePages';
import { useLambda } from './useLambda';

/** Events of a log group, oldest first, of so many seconds until now; as many as are asked for. */
export function useLogs(group: string, seconds: number, rows: number) {
  const { client, key } = useLambda();
  // A range that ends now moves on when the page is asked to, not with every drawing of it.
  const [now, setNow] = useState(() => Date.now());
  const startTime = now - seconds * 1000;
  const list = usePages({
    key: [...key, 'logs', group, startTime],
    fetch: (nextToken, signal) => logs(client).filterLogEvents({ logGroupName: group, startTime, limit: 1000, nextToken }, { signal }),
    items: ({ events }) => events,
    more: (items) => items.length <= rows,
  });
  return { ...list, refresh: () => setNow(Date.now()) };
}
