import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import type { DescribeAliasOutput } from '../aws/states';
import { CopyCli } from '../ui/CopyCli';
import { DeleteDialog } from '../ui/DeleteDialog';
import { useStates } from './useStates';

interface Props {
  readonly alias: DescribeAliasOutput;
  readonly onClose: () => void;
}

export function DeleteAlias({ alias, onClose }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  const input = { stateMachineAliasArn: alias.stateMachineAliasArn };
  const remove = async () => {
    await api.deleteStateMachineAlias(input);
    await queries.invalidateQueries({ queryKey: [...key, 'aliases'] });
    notify.success(`Deleted alias ${alias.name}`);
  };
  return (
    <DeleteDialog
      title="Delete alias?"
      names={[alias.name]}
      warning="Whoever starts executions by this alias gets an error."
      onConfirm={remove}
      onClose={onClose}
      extra={<CopyCli service="stepfunctions" operation="DeleteStateMachineAlias" input={input} />}
    />
  );
}
