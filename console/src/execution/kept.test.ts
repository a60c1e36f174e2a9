import { expect, it } from 'vitest';
import type { Feed } from './feed';
import { keep, keptFeed } from './kept';

/** A history of so many events, one with a text of so many characters. */
const feed = (count: number, chars = 0) =>
  ({ current: () => ({ count, model: { events: [{ id: 1, executionSucceededEventDetails: { output: ' '.repeat(chars) } }] } }) }) as unknown as Feed;

it('lets those go that were not looked at for longest', () => {
  for (const name of ['a', 'b']) keep(name, feed(20_000));
  keep('a', feed(20_000));
  keep('c', feed(20_000));
  expect(['a', 'b', 'c'].map((name) => keptFeed(name) !== undefined)).toEqual([true, false, true]);
});

it('keeps no more data than the memory has room for', () => {
  for (const name of ['d', 'e', 'f']) keep(name, feed(10, 20_000_000));
  expect(['d', 'e', 'f'].map((name) => keptFeed(name) !== undefined)).toEqual([false, true, true]);
});
