import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { notify } from '../app/notifications';
import { type Call, CopyCliAll } from './CopyCli';
import { DeleteDialog } from './DeleteDialog';

interface Props<Item> {
  /** What one of them is: "table". */
  readonly one: string;
  readonly items: readonly Item[];
  readonly nameOf: (item: Item) => string;
  readonly warning: ReactNode;
  readonly remove: (item: Item) => Promise<unknown>;
  readonly callOf: (item: Item) => Call;
  /** The lists that they go from. */
  readonly lists: readonly QueryKey[];
  readonly onClose: () => void;
  readonly onDeleted?: (() => void) | undefined;
}

/** Deletes things one after another, after the word is typed. */
export function DeleteEach<Item>({ one, items, nameOf, warning, remove, callOf, lists, onClose, onDeleted }: Props<Item>) {
  const queries = useQueryClient();
  const names = items.map(nameOf);
  const what = items.length === 1 ? one : `${items.length} ${one}s`;
  const removeAll = async () => {
    try {
      for (const item of items) {
        await remove(item);
      }
      notify.success(items.length === 1 ? `Deleted ${names[0] ?? one}` : `Deleted ${what}`);
      onDeleted?.();
    } finally {
      // Some may be gone where the next could not be deleted.
      for (const queryKey of lists) {
        await queries.invalidateQueries({ queryKey });
      }
    }
  };
  return (
    <DeleteDialog
      title={`Delete ${what}?`}
      names={names}
      warning={warning}
      onConfirm={removeAll}
      onClose={onClose}
      extra={<CopyCliAll calls={items.map(callOf)} />}
    />
  );
}
