import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import { CopyCliAll } from '../ui/CopyCli';
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
  const remove = async () => {
    try {
      for (const { stateMachineArn } of machines) {
        await api.deleteStateMachine({ stateMachineArn });
      }
    } finally {
      // Some may be gone where the next could not be deleted.
      await queries.invalidateQueries({ queryKey: [...key, 'machines'] });
    }
    notify.success(`Deleted ${machines.map(({ name }) => name).join(', ')}`);
    onDeleted?.();
  };
  const calls = machines.map(({ stateMachineArn }) => ({
    service: 'stepfunctions',
    operation: 'DeleteStateMachine',
    input: { stateMachineArn },
  }));
  return (
    <DeleteDialog
      title={machines.length === 1 ? 'Delete state machine?' : `Delete ${machines.length} state machines?`}
      names={machines.map(({ name }) => name)}
      warning="It goes at once, with its versions and aliases. Executions that are running go on to their end."
      onConfirm={remove}
      onClose={onClose}
      extra={<CopyCliAll calls={calls} />}
    />
  );
}
