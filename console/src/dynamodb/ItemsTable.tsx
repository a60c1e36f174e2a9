import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TableView from '@cloudscape-design/components/table';
import { useState } from 'react';
import { at, href, useFollow } from '../app/link';
import type { Item, Table } from '../aws/dynamodb';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
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
  const [page, setPage] = useState(1);
  const [selected, setSelected] = useState<readonly Item[]>([]);
  const [deleting, setDeleting] = useState(false);
  const follow = useFollow();
  const list = useItems(table, find, page * PAGE_ROWS);
  const pages = Math.max(1, Math.ceil(list.items.length / PAGE_ROWS));
  const current = Math.min(page, pages);
  const shown = list.items.slice((current - 1) * PAGE_ROWS, current * PAGE_ROWS);
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
        ariaLabels={{
          selectionGroupLabel: 'Selection',
          allItemsSelectionLabel: () => 'Select all',
          itemSelectionLabel: (_, item) => `Select ${Object.values(keyOf(table, item)).map(toShort).join(', ')}`,
          tableLabel: 'Items',
        }}
        header={
          <Header
            variant="h2"
            counter={list.isPending || list.unknown ? '' : `(${list.items.length}${list.complete ? '' : '+'})`}
            description={list.scanned > list.items.length ? `Found among ${list.scanned} items.` : undefined}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" onClick={() => void list.refetch()} />
                <Button disabled={selected.length !== 1} href={href(duplicate)} onFollow={follow}>
                  Duplicate
                </Button>
                <Button disabled={selected.length === 0} onClick={() => setDeleting(true)}>
                  Delete
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
        pagination={
          list.items.length > PAGE_ROWS ? (
            <Pagination
              currentPageIndex={current}
              pagesCount={pages}
              openEnd={!list.complete}
              onChange={({ detail }) => setPage(detail.currentPageIndex)}
            />
          ) : null
        }
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
