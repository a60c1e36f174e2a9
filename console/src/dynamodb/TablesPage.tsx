import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { at } from '../app/link';
import { ListingPage } from '../ui/ListingPage';
import { nameColumn } from '../ui/nameColumn';
import { CopyCli } from '../ui/CopyCli';
import { usePages } from '../ui/usePages';
import { CreateTable } from './CreateTable';
import { DeleteTables } from './DeleteTables';
import { ItemCount, KeyNames, TableStatus } from './TableCells';
import { useDynamo } from './useDynamo';

export function TablesPage() {
  const { api, key } = useDynamo();
  const listing = usePages({
    key: [...key, 'tables'],
    fetch: async (ExclusiveStartTableName, signal) => {
      const page = await api.listTables({ ExclusiveStartTableName, Limit: 100 }, { signal });
      return { ...page, nextToken: page.LastEvaluatedTableName };
    },
    items: ({ TableNames: names }) => names.map((name) => ({ name })),
  });
  const [dialog, setDialog] = useState<'create' | 'delete'>();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const close = () => setDialog(undefined);
  return (
    <ListingPage
      title="Tables"
      one="table"
      listing={listing}
      nameOf={({ name }) => name}
      sortBy={{ field: 'name', isDescending: false }}
      emptyText="There are none in this region."
      create={
        <Button variant="primary" onClick={() => setDialog('create')}>
          Create table
        </Button>
      }
      columns={[
        nameColumn('name', ({ name }) => at('dynamodb', name)),
        { id: 'status', header: 'Status', cell: ({ name }) => <TableStatus name={name} /> },
        { id: 'keys', header: 'Key', minWidth: 120, cell: ({ name }) => <KeyNames name={name} /> },
        { id: 'items', header: 'Items', cell: ({ name }) => <ItemCount name={name} /> },
      ]}
      actions={(selected) => [
        <CopyCli key="cli" service="dynamodb" operation="ListTables" input={{}} />,
        <Button
          key="delete"
          disabled={selected.length === 0}
          onClick={() => {
            setChosen(selected.map(({ name }) => name));
            setDialog('delete');
          }}
        >
          Delete
        </Button>,
      ]}
    >
      {dialog === 'create' ? <CreateTable onClose={close} /> : null}
      {dialog === 'delete' ? <DeleteTables names={chosen} onClose={close} /> : null}
    </ListingPage>
  );
}
