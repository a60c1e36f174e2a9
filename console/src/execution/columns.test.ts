import { expect, it } from 'vitest';
import { fitting, leastWidth } from './columns';

const COLUMNS = [
  { id: 'name', width: 'minmax(100px, 1fr)' },
  { id: 'resource', width: '80px', spare: 2 },
  { id: 'type', width: '60px', spare: 1 },
];
const ids = (room: number | undefined) => fitting(COLUMNS, room).map(({ id }) => id);

it('counts the least of each column and the gaps around them', () => {
  expect(leastWidth(COLUMNS)).toBe(100 + 80 + 60 + 4 * 12);
});

it('spares as few columns as it can, and never those that tell what a row is', () => {
  expect(ids(undefined)).toEqual(['name', 'resource', 'type']);
  expect(ids(288)).toEqual(['name', 'resource', 'type']);
  expect(ids(287)).toEqual(['name', 'type']);
  expect(ids(195)).toEqual(['name']);
  expect(ids(10)).toEqual(['name']);
});
