import type { Item, Table } from '../aws/dynamodb';
import { usePages } from '../ui/usePages';
import { type Find, toInput } from './find';
import { useDynamo } from './useDynamo';

/** A page without filter has so many rows; with one the API reads 1 MB, whatever it finds there. */
const PAGE_ITEMS = 100;
/** Pages read in a row for a filter that finds little, before the person is asked. */
const PAGES_AT_ONCE = 20;

/** What is found, read on until there are `rows` of it, or until enough was looked at to ask first. */
export function useItems(table: Table, find: Find, rows: number) {
  const { api, key } = useDynamo();
  const isFiltered = (find.filters ?? []).length > 0;
  const list = usePages({
    key: [...key, 'items', table.TableName, find],
    fetch: async (start: Item | undefined, signal: AbortSignal) => {
      const input = { ...toInput(table, find), ...(isFiltered ? {} : { Limit: PAGE_ITEMS }), ...(start === undefined ? {} : { ExclusiveStartKey: start }) };
      const page = await (find.mode === 'query' ? api.query(input, { signal }) : api.scan(input, { signal }));
      return { ...page, nextToken: page.LastEvaluatedKey };
    },
    items: (page) => page.Items ?? [],
    more: (items) => items.length <= rows,
    pagesAtOnce: PAGES_AT_ONCE,
  });
  return { ...list, scanned: list.pages.reduce((sum, page) => sum + page.ScannedCount, 0) };
}
