import { expect, it } from 'vitest';
import { chosenOf } from './search';

it('falls back to the first where an address names none of them', () => {
  const views = [{ id: 'graph' }, { id: 'table' }] as const;
  expect(['table', 'bogus', undefined].map((id) => chosenOf(views, id))).toEqual(['table', 'graph', 'graph']);
});
