/** What screen readers say of a table and of the boxes that choose its rows. */
export function tableLabels<Item>(table: string, nameOf: (item: Item) => string) {
  return {
    tableLabel: table,
    selectionGroupLabel: 'Selection',
    allItemsSelectionLabel: () => 'Select all',
    itemSelectionLabel: (_: unknown, item: Item) => `Select ${nameOf(item)}`,
  };
}

/** What `usePages` and `useQuery` tell of a list. */
export interface Listing<Item> {
  readonly items: readonly Item[];
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly error: unknown;
  /** It could not be read: not the same as an empty list. */
  readonly unknown: boolean;
  /** Whether these are all. */
  readonly complete: boolean;
  readonly refetch: () => unknown;
}

/** `(25+)`: how many items are known, and whether there may be more; nothing before that is known. */
export function counterText({ items, isPending, unknown, complete }: Pick<Listing<unknown>, 'items' | 'isPending' | 'unknown' | 'complete'>): string {
  return isPending || unknown ? '' : `(${items.length}${complete ? '' : '+'})`;
}
