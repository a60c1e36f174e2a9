import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import { CopyCli } from '../ui/CopyCli';
import { DeleteDialog } from '../ui/DeleteDialog';
import { useDynamo } from './useDynamo';

interface Props {
  readonly names: readonly string[];
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

export function DeleteTables({ names, onClose, onDeleted }: Props) {
  const { api, key } = useDynamo();
  const queries = useQueryClient();
  const remove = async () => {
    for (const TableName of names) {
      await api.deleteTable({ TableName });
    }
    notify.success(`Deleted ${names.join(', ')}`);
    onDeleted?.();
    await queries.invalidateQueries({ queryKey: [...key, 'tables'] });
  };
  const [one] = names;
  return (
    <DeleteDialog
      title={names.length === 1 ? 'Delete table?' : `Delete ${names.length} tables?`}
      names={names}
      warning="All items go with it."
      onConfirm={remove}
      onClose={onClose}
      extra={names.length === 1 ? <CopyCli service="dynamodb" operation="DeleteTable" input={{ TableName: one }} /> : null}
    />
  );
}
