import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Item, Table } from '../aws/dynamodb';
import { type Find, toInput } from './find';
import { useDynamo } from './useDynamo';

/** A page without filter has so many rows; with one the API reads 1 MB, whatever it finds there. */
const PAGE_ITEMS = 100;
/** Pages read in a row for a filter that finds little, before the person is asked. */
const PAGES_AT_ONCE = 20;

/** What is found, read on until there are `rows` of it, or until enough was looked at to ask first. */
export function useItems(table: Table, find: Find, rows: number) {
  const { api, key } = useDynamo();
  const [pages, setPages] = useState(PAGES_AT_ONCE);
  const query = useInfiniteQuery({
    queryKey: [...key, 'items', table.TableName, find],
    queryFn: ({ pageParam, signal }) => {
      const isFiltered = (find.filters ?? []).length > 0;
      const input = { ...toInput(table, find), ...(isFiltered ? {} : { Limit: PAGE_ITEMS }), ...(pageParam === undefined ? {} : { ExclusiveStartKey: pageParam }) };
      return find.mode === 'query' ? api.query(input, { signal }) : api.scan(input, { signal });
    },
    initialPageParam: undefined as Item | undefined,
    getNextPageParam: (page) => page.LastEvaluatedKey,
  });
  const read = query.data?.pages ?? [];
  const items = read.flatMap((page) => page.Items ?? []);
  const scanned = read.reduce((sum, page) => sum + page.ScannedCount, 0);
  const { fetchNextPage, hasNextPage } = query;
  const wanted = hasNextPage && items.length <= rows;
  const goesOn = wanted && read.length < pages && !query.isFetching && !query.isError;
  useEffect(() => {
    if (goesOn) {
      void fetchNextPage();
    }
  }, [goesOn, fetchNextPage, read.length]);
  return {
    ...query,
    items,
    scanned,
    complete: query.isSuccess && !hasNextPage,
    unknown: query.isError && query.data === undefined,
    /** It was enough for one time, and nothing or too little was found. */
    paused: wanted && read.length >= pages && !query.isFetching,
    goOn: () => setPages(read.length + PAGES_AT_ONCE),
  };
}
