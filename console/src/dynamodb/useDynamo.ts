import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { scope, useAws } from '../app/aws';
import { dynamodb } from '../aws/dynamodb';

/** DynamoDB as the page's caller, and the key under which what it says is kept. */
export function useDynamo() {
  const client = useAws();
  return useMemo(() => ({ api: dynamodb(client), key: [...scope(client), 'dynamodb'] as const }), [client]);
}

/** Asked again while it is being made or deleted. */
const CHANGING_MS = 1000;

export function useTable(name: string) {
  const { api, key } = useDynamo();
  return useQuery({
    queryKey: [...key, 'table', name],
    queryFn: async ({ signal }) => (await api.describeTable({ TableName: name }, { signal })).Table,
    refetchInterval: (query) => ((query.state.data?.TableStatus ?? 'ACTIVE') === 'ACTIVE' ? false : CHANGING_MS),
  });
}
