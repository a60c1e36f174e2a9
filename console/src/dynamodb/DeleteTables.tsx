import { DeleteEach } from '../ui/DeleteEach';
import { useDynamo } from './useDynamo';

interface Props {
  readonly names: readonly string[];
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

export function DeleteTables({ names, onClose, onDeleted }: Props) {
  const { api, key } = useDynamo();
  return (
    <DeleteEach
      one="table"
      items={names}
      nameOf={(name) => name}
      warning="All items go with it."
      remove={(TableName) => api.deleteTable({ TableName })}
      callOf={(TableName) => ({ service: 'dynamodb', operation: 'DeleteTable', input: { TableName } })}
      lists={[[...key, 'tables']]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
