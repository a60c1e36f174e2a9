import type { Item } from '../aws/dynamodb';
import { DeleteEach } from '../ui/DeleteEach';
import { toShort } from './marshal';
import { useDynamo } from './useDynamo';

interface Props {
  readonly table: string;
  readonly keys: readonly Item[];
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

export function DeleteItems({ table, keys, onClose, onDeleted }: Props) {
  const { api, key } = useDynamo();
  const inputOf = (Key: Item) => ({ TableName: table, Key });
  return (
    <DeleteEach
      one="item"
      items={keys}
      nameOf={(item) => Object.values(item).map(toShort).join(' / ')}
      warning="Items are not kept after their deletion."
      remove={(item) => api.deleteItem(inputOf(item))}
      callOf={(item) => ({ service: 'dynamodb', operation: 'DeleteItem', input: inputOf(item) })}
      lists={[[...key, 'items', table], [...key, 'table', table]]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
