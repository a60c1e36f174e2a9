import { useState } from 'react';
import type { FunctionConfiguration, InvocationResult } from '../aws/lambda';
import { useLambda } from './useLambda';

/** An invocation may wait a minute for a process, and ten seconds for it to start, before its own time begins. */
const WAIT_SECONDS = 75;

export function useInvoke(config: FunctionConfiguration, qualifier: string | undefined) {
  const { api } = useLambda();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<{ result?: InvocationResult; error?: unknown; seconds: number }>();
  const start = async (payload: string, isAwaited: boolean) => {
    setBusy(true);
    setDone(undefined);
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    try {
      const result = await api.invoke({ name: config.FunctionName, qualifier, isAwaited, payload, timeoutSeconds: config.Timeout + WAIT_SECONDS });
      setDone({ result, seconds: seconds() });
    } catch (error) {
      setDone({ error, seconds: seconds() });
    }
    setBusy(false);
  };
  return { start, busy, result: done?.result, error: done?.error, seconds: done?.seconds ?? 0 };
}
