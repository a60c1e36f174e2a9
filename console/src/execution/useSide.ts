import { useSession } from '../app/session';
import { refusalOf } from './executionArn';
import { useExecution, useMachineOf } from './useExecution';
import { useHistory } from './useHistory';

export type Side = ReturnType<typeof useSide>;

/** One of the two executions that are compared. */
export function useSide(arn: string) {
  const { region } = useSession();
  const refusal = refusalOf(arn, region);
  const execution = useExecution(arn, refusal === undefined);
  const machine = useMachineOf(arn, refusal === undefined);
  // The definition tells which branch is which; without it the history is read all the same.
  const definition = execution.data === undefined || machine.isPending ? undefined : (machine.data?.definition ?? '');
  const history = useHistory(arn, definition);
  return { arn, refusal, execution, machine, definition, history };
}
