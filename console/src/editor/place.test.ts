import { expect, test } from 'vitest';
import { changed } from './change';
import { ofType } from './place';

test('a state of another type keeps what that type has too', () => {
  const state = { Type: 'Task', Comment: 'c', Resource: 'r', Parameters: {}, Retry: [], Assign: {}, Next: 'B' };
  const after = (type: string | undefined) => changed({ States: { A: state } }, ofType(state, ['States', 'A'], type));
  expect(after('Pass')).toEqual({ States: { A: { Type: 'Pass', Comment: 'c', Parameters: {}, Assign: {}, Next: 'B' } } });
  expect(after('Fail')).toEqual({ States: { A: { Type: 'Fail', Comment: 'c' } } });
  expect(after('Unknown')).toEqual({ States: { A: { ...state, Type: 'Unknown' } } });
  expect(after(undefined)).not.toHaveProperty('States.A.Type');
});
