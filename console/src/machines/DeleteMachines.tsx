import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import { CopyCli } from '../ui/CopyCli';
import { DeleteDialog } from '../ui/DeleteDialog';
import { useStates } from './useStates';

interface Props {
  readonly machines: readonly { readonly name: string; readonly stateMachineArn: string }[];
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

export function DeleteMachines({ machines, onClose, onDeleted }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  const [first] = machines;
  const remove = async () => {
    for (const { stateMachineArn } of machines) {
      await api.deleteStateMachine({ stateMachineArn });
    }
    const names = machines.map(({ name }) => name).join(', ');
    notify.success(`Deleted ${names}`);
    await queries.invalidateQueries({ queryKey: [...key, 'machines'] });
    onDeleted?.();
  };
  const extra =
    machines.length === 1 && first !== undefined ? (
      <CopyCli service="stepfunctions" operation="DeleteStateMachine" input={{ stateMachineArn: first.stateMachineArn }} />
    ) : null;
  return (
    <DeleteDialog
      title={machines.length === 1 ? 'Delete state machine?' : `Delete ${machines.length} state machines?`}
      names={machines.map(({ name }) => name)}
      warning="It goes at once, with its versions and aliases. Executions that are running go on to their end."
      onConfirm={remove}
      onClose={onClose}
      extra={extra}
    />
  );
}
