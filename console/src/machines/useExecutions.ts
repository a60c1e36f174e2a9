import { useEffect } from 'react';
import { usePages } from '../ui/usePages';
import type { ExecutionFilter } from './executionFilter';
import { findExecutions, type FoundPage } from './findExecutions';
import { useChanges } from './useChanges';
import { useStates } from './useStates';

/** Where the server does not tell of changes, it is asked so often: while something runs, and otherwise. */
const RUNNING_MS = 3000;
const RESTING_MS = 10_000;
/** A list of more pages is not read anew by itself: it waits for the refresh button. */
const RENEWED_PAGES_MAX = 2;
/** Of a search each may stand for a thousand executions that were looked at. */
const PAGES_AT_ONCE = 10;

/** The executions that a filter finds, newest first, at least `wanted` of them if there are so many. */
export function useExecutions(stateMachineArn: string, filter: ExecutionFilter, wanted: number) {
  const { api, key } = useStates();
  const changes = useChanges(stateMachineArn);
  const list = usePages({
    key: [...key, 'executions', stateMachineArn, filter],
    fetch: async (nextToken, signal) => {
      const page = await findExecutions(api, filter, { stateMachineArn, nextToken, signal });
      return { ...page, changes: changes.count };
    },
    items: (page) => page.executions,
    more: (items) => items.length <= wanted,
    pagesAtOnce: PAGES_AT_ONCE,
    keepsLast: true,
    refetchInterval: (pages) => (changes.isTold || !isShort(pages) ? false : isRunning(pages) ? RUNNING_MS : RESTING_MS),
  });
  const { pages, refetch } = list;
  const isBehind = pages.some((page) => page.changes !== changes.count);
  const isRenewed = isBehind && isShort(pages) && !list.isFetching && !list.isError;
  useEffect(() => {
    if (isRenewed) {
      void refetch();
    }
  }, [isRenewed, refetch]);
  return {
    ...list,
    isLocal: pages.some((page) => page.isLocal),
    /** Executions began or ended since the list was read, and it is too long to be read anew by itself. */
    isStale: isBehind && !isShort(pages),
  };
}

const isShort = (pages: readonly FoundPage[]) => pages.length <= RENEWED_PAGES_MAX;
const isRunning = (pages: readonly FoundPage[]) => pages.some(({ executions }) => executions.some(({ status }) => status === 'RUNNING'));
