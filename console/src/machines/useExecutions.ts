import type { ListExecutionsInput } from '../aws/states';
import { usePages } from '../ui/usePages';
import { type ExecutionFilter, matches, mayHaveMore } from './executionFilter';
import { useStates } from './useStates';

/** Enough for eight pages of the table; what a filter does not find among them is looked for further back. */
const ASKED = 200;
/** New executions appear by themselves while the list is short; a long one waits for the refresh button. */
const REFRESH_MS = 3000;
const REFRESHED_MAX = 400;

/** The executions that a filter finds, newest first, at least `wanted` of them if there are so many. */
export function useExecutions(stateMachineArn: string, filter: ExecutionFilter, wanted: number) {
  const { api, key } = useStates();
  const input: ListExecutionsInput = {
    stateMachineArn,
    maxResults: ASKED,
    ...(filter.status === undefined ? {} : { statusFilter: filter.status }),
  };
  const listing = usePages({
    key: [...key, 'executions', stateMachineArn, filter.status ?? 'ALL'],
    fetch: (nextToken, signal) => api.listExecutions({ ...input, nextToken }, { signal }),
    items: (page) => page.executions,
    more: (items) => mayHaveMore(items.at(-1), filter) && items.filter((item) => matches(item, filter)).length <= wanted,
    refetchInterval: (count) => (count <= REFRESHED_MAX ? REFRESH_MS : false),
  });
  const found = listing.items.filter((item) => matches(item, filter));
  const complete = listing.complete || (listing.isSuccess && !mayHaveMore(listing.items.at(-1), filter));
  return { ...listing, found, complete };
}
