import Pagination from '@cloudscape-design/components/pagination';
import { useState } from 'react';

/** Where one is in a list that is shown so many rows at a time. */
export interface Place {
  readonly rows: number;
  readonly page: number;
  readonly turn: (page: number) => void;
  /** As many rows as are needed to show that page. */
  readonly wanted: number;
}

export function usePlace(rows: number): Place {
  const [page, turn] = useState(1);
  return { rows, page, turn, wanted: page * rows };
}

/** The items of the page that one is on; of the last one, where the list has become shorter. */
export function itemsAt<Item>(place: Place, items: readonly Item[]): readonly Item[] {
  const page = pageIn(place, items);
  return items.slice((page - 1) * place.rows, page * place.rows);
}

interface Props {
  readonly place: Place;
  readonly list: { readonly items: readonly unknown[]; readonly complete: boolean };
}

/** Turns the pages of a list that is read further as one goes on; nothing where there is one page. */
export function Paging({ place, list: { items, complete } }: Props) {
  if (items.length <= place.rows) {
    return null;
  }
  return (
    <Pagination
      currentPageIndex={pageIn(place, items)}
      pagesCount={pagesOf(place, items)}
      openEnd={!complete}
      onChange={({ detail }) => place.turn(detail.currentPageIndex)}
    />
  );
}

function pagesOf({ rows }: Place, items: readonly unknown[]): number {
  return Math.max(1, Math.ceil(items.length / rows));
}

function pageIn(place: Place, items: readonly unknown[]): number {
  return Math.min(place.page, pagesOf(place, items));
}
