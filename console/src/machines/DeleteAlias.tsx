import type { DescribeAliasOutput } from '../aws/states';
import { DeleteEach } from '../ui/DeleteEach';
import { useStates } from './useStates';

interface Props {
  readonly alias: DescribeAliasOutput;
  readonly onClose: () => void;
}

export function DeleteAlias({ alias, onClose }: Props) {
  const { api, key } = useStates();
  return (
    <DeleteEach
      one="alias"
      items={[{ stateMachineAliasArn: alias.stateMachineAliasArn }]}
      nameOf={() => `alias ${alias.name}`}
      warning="Whoever starts executions by this alias gets an error."
      remove={(input) => api.deleteStateMachineAlias(input)}
      callOf={(input) => ({ service: 'stepfunctions', operation: 'DeleteStateMachineAlias', input })}
      lists={[[...key, 'aliases']]}
      onClose={onClose}
    />
  );
}
