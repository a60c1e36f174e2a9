import { describe, expect, it } from 'vitest';
import { machineOf, titleOf } from './arn';
import { nameProblem } from './names';
import { difference } from './tags';

const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:photo';

describe('machineOf', () => {
  it.each([
    MACHINE,
    `${MACHINE}:3`,
    `${MACHINE}:prod`,
    `${MACHINE}/Label`,
    'arn:aws:states:us-east-1:000000000000:execution:photo:run-1',
    'arn:aws:states:us-east-1:000000000000:execution:photo/Label:run-1',
    'arn:aws:states:us-east-1:000000000000:express:photo:run-1:b7f3',
    'arn:aws:states:us-east-1:000000000000:mapRun:photo/Label:id',
  ])('finds the state machine of %s', (arn) => {
    expect(machineOf(arn)).toEqual({ arn: MACHINE, name: 'photo' });
  });
});

describe('titleOf', () => {
  it.each([[MACHINE, 'photo'], [`${MACHINE}:3`, 'Version 3'], [`${MACHINE}/Each`, 'photo/Each'], ['foo', 'foo']])('calls the page of %s %s', (arn, title) => {
    expect(titleOf(arn)).toBe(title);
  });
});

describe('nameProblem', () => {
  it.each(['', 'run-1', 'a.b_c(1)', 'ü', 'x'.repeat(80)])('takes %j', (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  it.each(['a b', 'a/b', 'a:b', 'a\u0007', 'x'.repeat(81), '<', '`'])('refuses %j', (name) => {
    expect(nameProblem(name)).toBeDefined();
  });
});

describe('difference', () => {
  it('changes only the tags that differ', () => {
    const before = [{ key: 'a', value: '1' }, { key: 'b', value: '2' }, { key: 'c', value: '3' }];
    const after = [{ key: 'b', value: '2' }, { key: 'c', value: '4' }, { key: 'd', value: '' }];
    expect(difference(before, after)).toEqual({
      changed: [{ key: 'c', value: '4' }, { key: 'd', value: '' }],
      removed: ['a'],
    });
  });
});
