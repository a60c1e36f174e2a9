import { DeleteEach } from '../ui/DeleteEach';
import { useStates } from './useStates';

interface Props {
  readonly arn: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

export function DeleteVersion({ arn, onClose, onDeleted }: Props) {
  const { api, key } = useStates();
  const input = { stateMachineVersionArn: arn };
  return (
    <DeleteEach
      one="version"
      items={[input]}
      nameOf={() => `version ${arn.split(':').at(-1) ?? ''}`}
      warning="Executions of this version that are running go on. A version that an alias leads to can't be deleted."
      remove={(version) => api.deleteStateMachineVersion(version)}
      callOf={(version) => ({ service: 'stepfunctions', operation: 'DeleteStateMachineVersion', input: version })}
      lists={[[...key, 'versions']]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
