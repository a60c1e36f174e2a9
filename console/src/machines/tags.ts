import type { Tag } from '../aws/states';

/** What to set and what to take away. */
export function difference(before: readonly Tag[], after: readonly Tag[]): { changed: Tag[]; removed: string[] } {
  const old = new Map(before.map(({ key, value }) => [key, value]));
  const kept = new Set(after.map(({ key }) => key));
  return {
    changed: after.filter(({ key, value }) => old.get(key) !== value),
    removed: before.map(({ key }) => key).filter((key) => !kept.has(key)),
  };
}
