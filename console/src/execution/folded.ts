import type { LinePair } from './diff';

/** Lines that are the same on both sides and far from any that differ. */
export interface Fold {
  readonly skipped: number;
}

/** So many lines around each difference are shown. */
const AROUND = 3;

/** The lines that differ and those around them; a fold of one line would save nothing. */
export function folded(pairs: readonly LinePair[]): (LinePair | Fold)[] {
  const near = new Set<number>();
  pairs.forEach(({ mark }, index) => {
    if (mark !== 'same') for (let at = index - AROUND; at <= index + AROUND; at += 1) near.add(at);
  });
  const shown: (LinePair | Fold)[] = [];
  for (let index = 0; index < pairs.length; ) {
    let end = index;
    while (end < pairs.length && !near.has(end)) end += 1;
    if (end - index > 1) shown.push({ skipped: end - index });
    else end = index;
    const last = pairs[end];
    if (last !== undefined) shown.push(last);
    index = end + 1;
  }
  return shown;
}
