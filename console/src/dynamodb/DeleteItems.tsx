import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import type { Item } from '../aws/dynamodb';
import { CopyCli } from '../ui/CopyCli';
import { DeleteDialog } from '../ui/DeleteDialog';
import { toShort } from './marshal';
import { useDynamo } from './useDynamo';

interface Props {
  readonly table: string;
  readonly keys: readonly Item[];
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** More names than this are counted, not read. */
const NAMES_SHOWN_MAX = 8;

export function DeleteItems({ table, keys, onClose, onDeleted }: Props) {
  const { api, key } = useDynamo();
  const queries = useQueryClient();
  const remove = async () => {
    for (const Key of keys) {
      await api.deleteItem({ TableName: table, Key });
    }
    notify.success(keys.length === 1 ? 'Deleted the item' : `Deleted ${keys.length} items`);
    onDeleted();
    await queries.invalidateQueries({ queryKey: [...key, 'items', table] });
    await queries.invalidateQueries({ queryKey: [...key, 'table', table] });
  };
  const names = keys.slice(0, NAMES_SHOWN_MAX).map((one) => Object.values(one).map(toShort).join(' / '));
  return (
    <DeleteDialog
      title={keys.length === 1 ? 'Delete item?' : `Delete ${keys.length} items?`}
      names={keys.length > names.length ? [...names, `${keys.length - names.length} more`] : names}
      warning="Items are not kept after their deletion."
      onConfirm={remove}
      onClose={onClose}
      extra={keys.length === 1 ? <CopyCli service="dynamodb" operation="DeleteItem" input={{ TableName: table, Key: keys[0] }} /> : null}
    />
  );
}
