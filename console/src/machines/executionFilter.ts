import type { ExecutionListItem, ExecutionStatus, SearchExecutionsInput } from '../aws/states';

/** What the address says about which executions to show. */
export interface ExecutionFilter {
  readonly name: string;
  /** In the error or its cause. */
  readonly error: string;
  readonly status: ExecutionStatus | undefined;
  /** Seconds since 1970: those that started then or later, and earlier than this. */
  readonly after: number | undefined;
  readonly before: number | undefined;
}

export interface FilterSearch {
  readonly q?: string;
  readonly error?: string;
  readonly status?: string;
  /** Seconds before now. */
  readonly last?: string;
  readonly after?: string;
  readonly before?: string;
}

export const STATUSES: readonly (readonly [ExecutionStatus, string])[] = [
  ['RUNNING', 'Running'],
  ['SUCCEEDED', 'Succeeded'],
  ['FAILED', 'Failed'],
  ['TIMED_OUT', 'Timed out'],
  ['ABORTED', 'Aborted'],
  ['PENDING_REDRIVE', 'Pending redrive'],
];

export function readFilter(search: FilterSearch, now: number): ExecutionFilter {
  const seconds = (text: string | undefined) => {
    const milliseconds = Date.parse(text ?? '');
    return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
  };
  const last = Number(search.last);
  return {
    name: search.q ?? '',
    error: search.error ?? '',
    status: STATUSES.find(([status]) => status === search.status)?.[0],
    after: last > 0 ? now - last : seconds(search.after),
    before: last > 0 ? undefined : seconds(search.before),
  };
}

export function isFiltered({ name, error, status, after, before }: ExecutionFilter): boolean {
  return name !== '' || error !== '' || [status, after, before].some((bound) => bound !== undefined);
}

/** What SearchExecutions is asked; none where ListExecutions can answer: it knows a status, and nothing else. */
export function searchInput(filter: ExecutionFilter): Omit<SearchExecutionsInput, 'stateMachineArn'> | undefined {
  const { name, error, status, after, before } = filter;
  if (!isFiltered({ ...filter, status: undefined })) {
    return undefined;
  }
  return {
    ...(name === '' ? {} : { nameContains: name }),
    ...(error === '' ? {} : { errorContains: error }),
    ...(status === undefined ? {} : { statusFilter: status }),
    ...(after === undefined ? {} : { startedAfter: after }),
    ...(before === undefined ? {} : { startedBefore: before }),
  };
}

/** Whether a listed execution is one of those asked for, as far as the list tells: it does not tell errors. */
export function matches(execution: ExecutionListItem, filter: ExecutionFilter): boolean {
  const { name, status, after, before } = filter;
  return (
    execution.name.toLowerCase().includes(name.toLowerCase()) &&
    (status === undefined || execution.status === status) &&
    (after === undefined || execution.startDate >= after) &&
    (before === undefined || execution.startDate < before)
  );
}

/** Whether later pages, whose executions started earlier, may hold another. */
export function mayHaveMore(oldest: ExecutionListItem | undefined, filter: ExecutionFilter): boolean {
  return oldest === undefined || filter.after === undefined || oldest.startDate >= filter.after;
}
