import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useAws } from '../app/aws';
import { onReturn } from '../app/connection';
import { useStates } from '../machines/useStates';
import { parsed } from './definition';
import { Feed, type Snapshot } from './feed';

/** The history of an execution, from the time on that its definition is known. */
export function useHistory(executionArn: string, definition: string | undefined): Snapshot & { readonly retry: () => void } {
  const client = useAws();
  const { api } = useStates();
  const feed = useMemo(
    () => new Feed({ api, client, executionArn, definition: definition === undefined ? undefined : parsed(definition) }),
    [api, client, executionArn, definition],
  );
  const snapshot = useSyncExternalStore(definition === undefined ? never : feed.subscribe, feed.current);
  // Where the server went away, it is read on from when that is back.
  useEffect(() => onReturn(feed.resume), [feed]);
  return { ...snapshot, retry: feed.retry };
}

const never = () => () => undefined;
