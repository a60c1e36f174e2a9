import { type InfiniteData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

interface Listing<Page, Item> {
  readonly key: QueryKey;
  readonly fetch: (nextToken: string | undefined, signal: AbortSignal) => Promise<Page & { nextToken?: string | undefined }>;
  readonly items: (page: Page) => readonly Item[];
  /** Asks for further pages while it says so; all of them if absent. */
  readonly more?: (items: readonly Item[]) => boolean;
  /** In milliseconds, by how many items there are. */
  readonly refetchInterval?: (items: number) => number | false;
}

/** A list of the API, its pages shown as they arrive. */
export function usePages<Page, Item>({ key, fetch, items, more, refetchInterval }: Listing<Page, Item>) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetch(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextToken,
    refetchInterval: (query) => refetchInterval?.(flatten(query.state.data, items).length) ?? false,
  });
  const found = flatten(query.data, items);
  const wantsMore = query.hasNextPage && !query.isFetching && !query.isError && (more?.(found) ?? true);
  const { fetchNextPage } = query;
  useEffect(() => {
    if (wantsMore) {
      void fetchNextPage();
    }
  }, [wantsMore, fetchNextPage, found.length]);
  // Not the same as an empty list.
  const unknown = query.isError && query.data === undefined;
  return { ...query, items: found, unknown, complete: query.isSuccess && !query.hasNextPage };
}

function flatten<Page, Item>(
  data: InfiniteData<Page> | undefined,
  items: (page: Page) => readonly Item[],
): readonly Item[] {
  return data?.pages.flatMap(items) ?? [];
}
