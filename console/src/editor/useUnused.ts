import { useMemo, useState } from 'react';
import type { Change, Key } from './patch';
import { carried, followed, isSame, type Unused } from './unused';

/** The texts of forms that the definition cannot take: they outlive the forms. */
export interface UnusedTexts {
  readonly list: readonly Unused[];
  readonly put: (one: Unused) => void;
  readonly drop: (keys: readonly Key[]) => void;
  /** The definition has been changed so. */
  readonly follow: (changes: readonly Change[]) => void;
  readonly carry: (from: readonly Key[], to: readonly Key[]) => void;
}

export function useUnused(): UnusedTexts {
  const [list, setList] = useState<readonly Unused[]>([]);
  const actions = useMemo(() => {
    // None, most of the time: then nothing is drawn anew.
    const turn = (next: (list: readonly Unused[]) => readonly Unused[]) => setList((old) => (old.length === 0 ? old : next(old)));
    return {
      put: (one: Unused) => setList((old) => [...old.filter(({ keys }) => !isSame(keys, one.keys)), one]),
      drop: (keys: readonly Key[]) => turn((old) => old.filter((one) => !isSame(one.keys, keys))),
      follow: (changes: readonly Change[]) => turn((old) => followed(old, changes)),
      carry: (from: readonly Key[], to: readonly Key[]) => turn((old) => carried(old, from, to)),
    };
  }, []);
  return useMemo(() => ({ list, ...actions }), [list, actions]);
}
