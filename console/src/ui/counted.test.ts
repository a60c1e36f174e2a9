import { expect, it } from 'vitest';
import { counted } from './counted';

it('counts one, and more', () => {
  expect([0, 1, 2, 1234].map((count) => counted(count, 'event'))).toEqual(['0 events', '1 event', '2 events', '1,234 events']);
});
