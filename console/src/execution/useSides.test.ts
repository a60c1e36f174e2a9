import { expect, it, vi } from 'vitest';

vi.mock('./useSide', () => ({ useSide: (arn: string) => ({ arn }) }));

const { placesFor } = await import('./useSides');

it('leaves what stays in its place, whichever side it is on', () => {
  expect(placesFor(['a', 'b'], 'a', 'b')).toEqual(['a', 'b']);
  expect(placesFor(['a', 'b'], 'b', 'a')).toEqual(['a', 'b']);
  expect(placesFor(['a', 'b'], 'a', 'c')).toEqual(['a', 'c']);
  expect(placesFor(['a', 'b'], 'b', 'c')).toEqual(['c', 'b']);
  expect(placesFor(['a', 'b'], 'c', 'a')).toEqual(['a', 'c']);
  expect(placesFor(['a', 'b'], 'c', 'd')).toEqual(['c', 'd']);
  expect(placesFor(['a', 'a'], 'a', 'b')).toEqual(['a', 'b']);
});
