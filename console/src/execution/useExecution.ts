import { useQuery } from '@tanstack/react-query';
import { useStates } from '../machines/useStates';

/** The end is also in the history, which is there sooner. */
const POLL_MS = 5000;

export function useExecution(arn: string, enabled = true) {
  const { api, key } = useStates();
  return useQuery({
    queryKey: [...key, 'execution', arn],
    queryFn: ({ signal }) => api.describeExecution({ executionArn: arn }, { signal }),
    refetchInterval: (query) => (query.state.data?.status === 'RUNNING' ? POLL_MS : false),
    enabled,
  });
}

/** The state machine of an execution as it was then. */
export function useMachineOf(arn: string, enabled = true) {
  const { api, key } = useStates();
  return useQuery({
    queryKey: [...key, 'execution', arn, 'machine'],
    queryFn: ({ signal }) => api.describeStateMachineForExecution({ executionArn: arn }, { signal }),
    staleTime: Infinity,
    enabled,
  });
}
