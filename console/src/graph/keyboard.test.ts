import { expect, test } from 'vitest';
import { neighbour } from './keyboard';
import { layoutOf } from './layout';
import { modelOf } from './model';

const model = modelOf({
  StartAt: 'A',
  States: {
    A: { Type: 'Choice', Choices: [{ Next: 'B' }], Default: 'C' },
    B: { Type: 'Pass', Next: 'D' },
    C: { Type: 'Parallel', Branches: [{ StartAt: 'X', States: { X: { Type: 'Pass', End: true } } }], Next: 'D' },
    D: { Type: 'Succeed' },
  },
});

test('arrows go to the next state in their direction, into states and out of them', () => {
  const layout = layoutOf(model, 'vertical');
  const go = (from: string, key: Parameters<typeof neighbour>[3]) => neighbour(model, layout, from, key);
  expect(['B', 'C']).toContain(go('A', 'ArrowDown'));
  expect(go('C', 'ArrowDown')).toBe('C/0/X');
  expect(go('C/0/X', 'ArrowUp')).toBe('C');
  const side = layout.nodes.find(({ id }) => id === 'B')?.x ?? 0;
  const other = layout.nodes.find(({ id }) => id === 'C')?.x ?? 0;
  expect(go('B', side < other ? 'ArrowRight' : 'ArrowLeft')).toMatch(/^C/);
  expect(go('A', 'ArrowUp')).toBeUndefined();
  expect(go('gone', 'ArrowUp')).toBe('A');
});
