import { useQuery } from '@tanstack/react-query';
import { type CallerIdentity, getCallerIdentity } from '../aws/sts';
import { scope, useAws } from './aws';
import { useSession } from './session';

/** Who the caller is, as STS says; none until it has. */
export function useAccount(): CallerIdentity | undefined {
  const client = useAws();
  const { credentials } = useSession();
  return useQuery({
    queryKey: [...scope(client), 'caller-identity'],
    queryFn: ({ signal }) => getCallerIdentity(client, { signal }),
    enabled: credentials !== undefined,
    staleTime: Infinity,
  }).data;
}
