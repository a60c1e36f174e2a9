import { expect, test } from 'vitest';
import type { StateStatus, StatusName } from './status';
import { telling } from './telling';

const box = { x: 0, y: 0, width: 1, height: 1 };
const nodes = [['Start', 0], ['Both', 0], ['Both/0.Left', 1], ['Both/1.Right', 1], ['Done', 0]].map(([id, depth]) => ({ ...box, id: String(id), depth: Number(depth) }));
const seen = (statuses: Record<string, StatusName>) => telling({ nodes }, new Map(Object.entries(statuses).map(([id, status]): [string, StateStatus] => [id, { status }])));

test('what runs is seen first, the innermost of it', () => {
  expect(seen({ Start: 'succeeded', Both: 'in-progress', 'Both/0.Left': 'failed', 'Both/1.Right': 'in-progress' })).toBe('Both/1.Right');
});

test('else what ended the execution, not what was caught', () => {
  expect(seen({ Start: 'succeeded', Both: 'failed', 'Both/1.Right': 'failed' })).toBe('Both/1.Right');
  expect(seen({ Start: 'succeeded', Both: 'caught', 'Both/1.Right': 'failed', Done: 'succeeded' })).toBeUndefined();
});
