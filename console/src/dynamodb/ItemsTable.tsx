import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TableView from '@cloudscape-design/components/table';
import { useState } from 'react';
import { at, href, useFollow } from '../app/link';
import type { Item, Table } from '../aws/dynamodb';
import { Empty, Unknown } from '../ui/Empty';
import { itemsAt, Paging, usePlace } from '../ui/Paging';
import { Problem } from '../ui/Problem';
import { counterText, tableLabels } from '../ui/tables';
import { DeleteItems } from './DeleteItems';
import './dynamodb.css';
import { type Find, keyOf } from './find';
import { ITEM_COLUMNS } from './itemColumns';
import { toShort } from './marshal';
import { useItems } from './useItems';

const PAGE_ROWS = 50;

interface Props {
  readonly table: Table;
  readonly find: Find;
}

export function ItemsTable({ table, find }: Props) {
  const place = usePlace(PAGE_ROWS);
  const [selected, setSelected] = useState<readonly Item[]>([]);
  const [deleting, setDeleting] = useState(false);
  const follow = useFollow();
  const list = useItems(table, find, place.wanted);
  const shown = itemsAt(place, list.items);
  const idOf = (item: Item) => JSON.stringify(keyOf(table, item));
  const [one] = selected;
  const duplicate = one === undefined ? at() : at('dynamodb', table.TableName, 'item', { from: idOf(one) });
  return (
    <SpaceBetween size="m">
      {list.isError ? <Problem what="The items could not be read" error={list.error} onRetry={() => void list.refetch()} /> : null}
      <TableView
        wrapLines
        selectionType="multi"
        trackBy={idOf}
        selectedItems={[...selected]}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        items={shown}
        columnDefinitions={ITEM_COLUMNS(table, shown)}
        loading={list.isPending || (shown.length === 0 && list.isFetching)}
        loadingText="Reading items"
        ariaLabels={tableLabels('Items', (item: Item) => Object.values(keyOf(table, item)).map(toShort).join(', '))}
        header={
          <Header
            variant="h2"
            counter={counterText(list)}
            description={list.scanned > list.items.length ? `Found among ${list.scanned} items.` : undefined}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" onClick={() => void list.refetch()} />
                <Button disabled={selected.length !== 1} href={href(duplicate)} onFollow={follow}>
                  Duplicate
                </Button>
                <Button disabled={selected.length === 0} onClick={() => setDeleting(true)}>
                  Delete items
                </Button>
              </SpaceBetween>
            }
          >
            Items
          </Header>
        }
        empty={list.unknown ? <Unknown /> : <Empty title="No items" text={list.scanned === 0 ? 'There is nothing there.' : 'None is like that.'} />}
        footer={
          list.paused ? (
            <Box textAlign="center">
              {list.scanned} items were looked at, and there are more. <Button onClick={list.goOn}>Look further</Button>
            </Box>
          ) : null
        }
        pagination={<Paging place={place} list={list} />}
      />
      {deleting ? (
        <DeleteItems
          table={table.TableName}
          keys={selected.map((item) => keyOf(table, item))}
          onClose={() => setDeleting(false)}
          onDeleted={() => setSelected([])}
        />
      ) : null}
    </SpaceBetween>
  );
}
