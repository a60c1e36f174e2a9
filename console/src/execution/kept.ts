import type { Feed } from './feed';

/** Two of the longest that AWS allows: whoever compares goes back and forth between two. */
const KEPT_EVENTS_MAX = 50_000;

/** Histories that were read to their end, by whose they are; those that were looked at last stand last. */
const kept = new Map<string, Feed>();

/** The history of that name, if it was read to its end before. */
export function keptFeed(name: string): Feed | undefined {
  return kept.get(name);
}

/** Keeps a history that was read to its end, for when it is looked at again: it stays as it is, since nothing is redriven yet. */
export function keep(name: string, feed: Feed): void {
  kept.delete(name);
  kept.set(name, feed);
  let events = [...kept.values()].reduce((sum, one) => sum + one.current().count, 0);
  for (const [oldest, one] of kept) {
    if (events <= KEPT_EVENTS_MAX) return;
    kept.delete(oldest);
    events -= one.current().count;
  }
}
