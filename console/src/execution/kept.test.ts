import { expect, it } from 'vitest';
import type { Feed } from './feed';
import { keep, keptFeed } from './kept';

/** A history of so many events. */
const feed = (count: number) => ({ current: () => ({ count }) }) as unknown as Feed;

it('lets those go that were not looked at for longest', () => {
  for (const name of ['a', 'b']) keep(name, feed(20_000));
  keep('a', feed(20_000));
  keep('c', feed(20_000));
  expect(['a', 'b', 'c'].map((name) => keptFeed(name) !== undefined)).toEqual([true, false, true]);
});
