import { hashKey, type InfiniteData, keepPreviousData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

interface Options<Page, Item, Token> {
  readonly key: QueryKey;
  readonly fetch: (nextToken: Token | undefined, signal: AbortSignal) => Promise<Page & { nextToken?: Token | undefined }>;
  readonly items: (page: Page) => readonly Item[];
  /** Asks for further pages while it says so; all of them if absent. */
  readonly more?: (items: readonly Item[]) => boolean;
  /** So many pages are read in a row before the person is asked: a filter may find nothing in any of them. */
  readonly pagesAtOnce?: number;
  /** Shows what the last key had until this one has its first page. */
  readonly keepsLast?: boolean;
  /** In milliseconds, by what there is. */
  readonly refetchInterval?: (pages: readonly Page[]) => number | false;
}

/** A list of the API, its pages shown as they arrive. */
export function usePages<Page, Item, Token = string>(options: Options<Page, Item, Token>) {
  const { key, fetch, items, more, pagesAtOnce = Infinity, keepsLast = false, refetchInterval } = options;
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetch(pageParam as Token | undefined, signal),
    initialPageParam: undefined as Token | undefined,
    getNextPageParam: (page) => page.nextToken,
    refetchInterval: (query) => refetchInterval?.(query.state.data?.pages ?? []) ?? false,
    ...(keepsLast ? { placeholderData: keepPreviousData } : {}),
  });
  const pages = query.data?.pages ?? [];
  const found = flatten(query.data, items);
  const [pagesMax, setPagesMax] = usePagesMax(hashKey(key), pagesAtOnce);
  const { fetchNextPage } = query;
  const wantsMore = query.hasNextPage && !query.isFetching && !query.isError && (more?.(found) ?? true);
  const goesOn = wantsMore && pages.length < pagesMax;
  useEffect(() => {
    if (goesOn) {
      void fetchNextPage();
    }
  }, [goesOn, fetchNextPage, pages.length]);
  return {
    ...query,
    pages,
    items: found,
    /** It could not be read: not the same as an empty list. */
    unknown: query.isError && query.data === undefined,
    /** Whether these are all. */
    complete: query.data !== undefined && !query.isPlaceholderData && !query.hasNextPage,
    /** So many pages were read that the person is to say whether to go on. */
    paused: wantsMore && !goesOn,
    goOn: () => setPagesMax(pages.length + pagesAtOnce),
  };
}

/** A bound that begins anew with each list. */
function usePagesMax(list: string, first: number): [number, (pages: number) => void] {
  const [raised, setRaised] = useState({ list, pages: first });
  return [raised.list === list ? raised.pages : first, (pages) => setRaised({ list, pages })];
}

function flatten<Page, Item>(data: InfiniteData<Page> | undefined, items: (page: Page) => readonly Item[]): readonly Item[] {
  return data?.pages.flatMap(items) ?? [];
}
