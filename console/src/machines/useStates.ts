import { useMemo } from 'react';
import { states } from '../aws/states';
import { scope, useAws } from '../app/aws';

/** Step Functions as the page's caller, and the key under which what it says is kept. */
export function useStates() {
  const client = useAws();
  return useMemo(() => ({ api: states(client), key: [...scope(client), 'states'] as const }), [client]);
}
