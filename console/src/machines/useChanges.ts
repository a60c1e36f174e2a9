import { useEffect, useState } from 'react';
import { useAws } from '../app/aws';
import { follow } from '../aws/events';
import { stateMachineEvents } from '../aws/states';
import { machineOf } from './arn';

interface Changes {
  /** Whether the server tells of them; where it does not, ask again from time to time. */
  readonly isTold: boolean;
  /** Another number: executions have begun or ended, or may have. */
  readonly count: number;
}

/** Tells when executions of a state machine, or of one of its versions, have begun or ended. */
export function useChanges(stateMachineArn: string): Changes {
  const client = useAws();
  const { arn } = machineOf(stateMachineArn);
  const [changes, setChanges] = useState<Changes>({ isTold: false, count: 0 });
  useEffect(() => {
    const stop = new AbortController();
    const tell = (isTold: boolean) => {
      if (!stop.signal.aborted) setChanges(({ count }) => ({ isTold, count: count + 1 }));
    };
    void follow({
      open: (signal) => stateMachineEvents(client, arn, signal),
      // Nobody told what happened before.
      opened: () => tell(true),
      take: (events) => {
        if (events.some(({ event }) => event === 'changed')) tell(true);
      },
      lost: () => tell(false),
      signal: stop.signal,
    }).then(() => tell(false));
    return () => stop.abort();
  }, [client, arn]);
  return changes;
}
