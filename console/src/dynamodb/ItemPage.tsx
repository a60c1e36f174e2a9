import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { at } from '../app/link';
import { Page } from '../app/Page';
import type { Item, Table } from '../aws/dynamodb';
import { Empty } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { keyTypeOf } from './find';
import { ItemEditor } from './ItemEditor';
import { fromTyped, toShort } from './marshal';
import { useDynamo, useTable } from './useDynamo';

const route = getRouteApi('/dynamodb/$table/item');

/** An item, or a new one, which may begin as a copy. */
export function ItemPage() {
  const { table: name } = route.useParams();
  const { key: keyText, from } = route.useSearch();
  const { api, key } = useDynamo();
  const table = useTable(name);
  const source = keyText ?? from;
  const item = useQuery({
    queryKey: [...key, 'items', name, 'one', source],
    queryFn: async ({ signal }) => {
      const { Item: found } = await api.getItem({ TableName: name, Key: fromTyped(source ?? ''), ConsistentRead: true }, { signal });
      return found ?? null;
    },
    enabled: source !== undefined,
    // What is being written must not change under one's hands.
    refetchOnWindowFocus: false,
  });
  const title = keyText === undefined ? 'Create item' : titleOf(keyText);
  const crumbs = [
    { text: 'Tables', to: at('dynamodb') },
    { text: name, to: at('dynamodb', name) },
  ];
  const isPending = table.isPending || (source !== undefined && item.isPending && !item.isError);
  const start = source === undefined ? (table.data === undefined ? undefined : blank(table.data)) : (item.data ?? undefined);
  return (
    <Page title={title} crumbs={crumbs}>
      {isPending ? <Spinner size="large" /> : null}
      {table.isError ? <Problem what="The table could not be read" error={table.error} onRetry={() => void table.refetch()} /> : null}
      {item.isError ? <Problem what="The item could not be read" error={item.error} onRetry={() => void item.refetch()} /> : null}
      {item.data === null ? <Empty title="No such item" text={`${name} has no item with this key.`} /> : null}
      {start === undefined || table.data === undefined ? null : (
        <ItemEditor key={`${keyText ?? ''}\n${from ?? ''}`} table={table.data} title={title} item={start} isNew={keyText === undefined} />
      )}
    </Page>
  );
}

function titleOf(keyText: string): string {
  try {
    return Object.values(fromTyped(keyText)).map(toShort).join(' / ');
  } catch {
    return 'Item';
  }
}

/** The key's attributes, to be filled in. */
function blank(table: Table): Item {
  return Object.fromEntries(
    table.KeySchema.map(({ AttributeName: name }) => {
      const type = keyTypeOf(table, name);
      return [name, type === 'N' ? { N: '0' } : type === 'B' ? { B: '' } : { S: '' }];
    }),
  );
}
