import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { scope, useAws } from '../app/aws';
import { onReturn } from '../app/connection';
import { useStates } from '../machines/useStates';
import { parsed } from './definition';
import { Feed, type Snapshot } from './feed';
import { keep, keptFeed } from './kept';

/** The history of an execution, from the time on that its definition is known. */
export function useHistory(executionArn: string, definition: string | undefined): Snapshot & { readonly retry: () => void } {
  const client = useAws();
  const { api } = useStates();
  // An execution has one definition; its branches cannot be told apart where that could not be read.
  const name = [...scope(client), executionArn, definition === undefined || definition === '' ? 'without' : 'with'].join(' ');
  const feed = useMemo(
    () => keptFeed(name) ?? new Feed({ api, client, executionArn, definition: definition === undefined ? undefined : parsed(definition) }),
    [name, api, client, executionArn, definition],
  );
  const snapshot = useSyncExternalStore(definition === undefined ? never : feed.subscribe, feed.current);
  const isWhole = snapshot.complete && snapshot.model.end !== undefined;
  useEffect(() => {
    if (isWhole) keep(name, feed);
  }, [name, feed, isWhole]);
  // Where the server went away, it is read on from when that is back.
  useEffect(() => onReturn(feed.resume), [feed]);
  return { ...snapshot, retry: feed.retry };
}

const never = () => () => undefined;
