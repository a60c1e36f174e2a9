import { useEffect, useRef } from 'react';
import type { DescribeMapRunOutput, ExecutionStatus } from '../aws/states';
import { useStates } from '../machines/useStates';
import { usePages } from '../ui/usePages';
import { MAP_RUN_POLL_MS } from './useMapRun';

export const CHILD_STATUSES: readonly (readonly [ExecutionStatus, string])[] = [
  ['RUNNING', 'Running'],
  ['SUCCEEDED', 'Succeeded'],
  ['FAILED', 'Failed'],
  ['TIMED_OUT', 'Timed out'],
  ['ABORTED', 'Aborted'],
];

export const statusIn = (text: string | undefined): ExecutionStatus | undefined => CHILD_STATUSES.find(([status]) => status === text)?.[0];

/** Enough for eight pages of the table. */
const ASKED = 200;
/** While someone looks further back, the list stands still. */
const RENEWED_PAGES_MAX = 2;

/** The child executions of a Map Run, more than `wanted` of them if there are so many; anew while it runs and once it has ended. */
export function useChildren({ mapRunArn, status }: DescribeMapRunOutput, statusFilter: ExecutionStatus | undefined, wanted: number) {
  const { api, key } = useStates();
  const filter = statusFilter === undefined ? {} : { statusFilter };
  const running = status === 'RUNNING';
  const list = usePages({
    key: [...key, 'children', mapRunArn, statusFilter ?? 'ALL'],
    fetch: (nextToken, signal) => api.listExecutions({ mapRunArn, ...filter, maxResults: ASKED, nextToken }, { signal }),
    items: (page) => page.executions,
    more: (items) => items.length <= wanted,
    refetchInterval: (answers) => (running && answers.length <= RENEWED_PAGES_MAX ? MAP_RUN_POLL_MS : false),
  });
  const { refetch } = list;
  const wasRunning = useRef(running);
  useEffect(() => {
    if (wasRunning.current && !running) void refetch();
    wasRunning.current = running;
  }, [running, refetch]);
  return list;
}
