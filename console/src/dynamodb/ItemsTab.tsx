import SpaceBetween from '@cloudscape-design/components/space-between';
import { getRouteApi } from '@tanstack/react-router';
import type { Table } from '../aws/dynamodb';
import { readFind } from './find';
import { FindForm } from './FindForm';
import { ItemsTable } from './ItemsTable';

const route = getRouteApi('/dynamodb/$table');

export function ItemsTab({ table }: { readonly table: Table }) {
  const { find: text } = route.useSearch();
  const navigate = route.useNavigate();
  const find = readFind(text);
  return (
    <SpaceBetween size="l">
      <FindForm
        key={table.TableName}
        table={table}
        find={find}
        onRun={(next) => {
          const isPlain = next.mode === 'scan' && next.index === undefined && (next.filters ?? []).length === 0;
          void navigate({ search: (old) => ({ ...old, find: isPlain ? '' : JSON.stringify(next) }) });
        }}
      />
      {/* Another question is another list: its page and selection are its own. */}
      <ItemsTable key={text ?? ''} table={table} find={find} />
    </SpaceBetween>
  );
}
