import { DeleteEach } from '../ui/DeleteEach';
import { useStates } from './useStates';

interface Props {
  readonly machines: readonly { readonly name: string; readonly stateMachineArn: string }[];
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

export function DeleteMachines({ machines, onClose, onDeleted }: Props) {
  const { api, key } = useStates();
  return (
    <DeleteEach
      one="state machine"
      items={machines}
      nameOf={({ name }) => name}
      warning="It goes at once, with its versions and aliases. Executions that are running go on to their end."
      remove={({ stateMachineArn }) => api.deleteStateMachine({ stateMachineArn })}
      callOf={({ stateMachineArn }) => ({ service: 'stepfunctions', operation: 'DeleteStateMachine', input: { stateMachineArn } })}
      lists={[[...key, 'machines']]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
