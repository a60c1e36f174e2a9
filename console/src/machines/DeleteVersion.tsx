import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import { CopyCli } from '../ui/CopyCli';
import { DeleteDialog } from '../ui/DeleteDialog';
import { useStates } from './useStates';

interface Props {
  readonly arn: string;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

export function DeleteVersion({ arn, onClose, onDeleted }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  const name = `version ${arn.split(':').at(-1) ?? ''}`;
  const remove = async () => {
    await api.deleteStateMachineVersion({ stateMachineVersionArn: arn });
    await queries.invalidateQueries({ queryKey: [...key, 'versions'] });
    notify.success(`Deleted ${name}`);
    onDeleted();
  };
  return (
    <DeleteDialog
      title="Delete version?"
      names={[name]}
      warning="Executions of this version that are running go on. A version that an alias leads to can't be deleted."
      onConfirm={remove}
      onClose={onClose}
      extra={<CopyCli service="stepfunctions" operation="DeleteStateMachineVersion" input={{ stateMachineVersionArn: arn }} />}
    />
  );
}
