import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { scope, useAws } from '../app/aws';
import { lambda } from '../aws/lambda';

/** Lambda as the page's caller, and the key under which what it says is kept. */
export function useLambda() {
  const client = useAws();
  return useMemo(() => ({ client, api: lambda(client), key: [...scope(client), 'lambda'] as const }), [client]);
}

/** Asked again while the server changes it. */
const CHANGING_MS = 1000;

export function useFunction(name: string, qualifier: string | undefined) {
  const { api, key } = useLambda();
  return useQuery({
    queryKey: [...key, 'function', name, qualifier ?? ''],
    queryFn: ({ signal }) => api.getFunction(name, qualifier, { signal }),
    refetchInterval: (query) => {
      const { State: state, LastUpdateStatus: update } = query.state.data?.Configuration ?? {};
      return state === 'Pending' || update === 'InProgress' ? CHANGING_MS : false;
    },
  });
}
