import type { Feed } from './feed';

/** Two of the longest that AWS allows: whoever compares goes back and forth between two. */
const KEPT_EVENTS_MAX = 50_000;
/** Each event may hold 256 KB of data: few large ones fill the memory as well as many small ones. */
const KEPT_CHARS_MAX = 50_000_000;

/** Histories that were read to their end, by whose they are; those that were looked at last stand last. */
const kept = new Map<string, { readonly feed: Feed; readonly chars: number }>();

/** The history of that name, if it was read to its end before. */
export function keptFeed(name: string): Feed | undefined {
  return kept.get(name)?.feed;
}

/** Keeps a history that was read to its end, for when it is looked at again: it stays as it is, since nothing is redriven yet. */
export function keep(name: string, feed: Feed): void {
  kept.delete(name);
  kept.set(name, { feed, chars: charsOf(feed) });
  let [events, chars] = [0, 0];
  for (const [each, one] of [...kept].reverse()) {
    events += one.feed.current().count;
    chars += one.chars;
    if (events > KEPT_EVENTS_MAX || chars > KEPT_CHARS_MAX) kept.delete(each);
  }
}

/** The texts of its events: input, output, parameters, causes. */
function charsOf(feed: Feed): number {
  let chars = 0;
  for (const event of feed.current().model.events) {
    for (const details of Object.values(event)) {
      if (typeof details !== 'object' || details === null) continue;
      for (const text of Object.values(details as Readonly<Record<string, unknown>>)) if (typeof text === 'string') chars += text.length;
    }
  }
  return chars;
}
