import { useQuery } from '@tanstack/react-query';
import { useStates } from '../machines/useStates';

export const MAP_RUN_POLL_MS = 2000;

/** A Map Run, asked for again while it runs. */
export function useMapRun(mapRunArn: string) {
  const { api, key } = useStates();
  return useQuery({
    queryKey: [...key, 'map-run', mapRunArn],
    queryFn: ({ signal }) => api.describeMapRun({ mapRunArn }, { signal }),
    refetchInterval: (query) => (query.state.data?.status === 'RUNNING' ? MAP_RUN_POLL_MS : false),
  });
}
