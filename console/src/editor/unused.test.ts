import { expect, test } from 'vitest';
import { followed, placeName, thoseIn, type Unused, unusedFinding } from './unused';

const at = (...keys: (string | number)[]): Unused => ({ keys, field: String(keys.at(-1)), text: '{', why: 'A } is missing' });
const placesOf = (list: readonly Unused[]) => list.map(({ keys }) => keys.join('/'));

test('a text is a problem that names its field, and leads to its state in Design', () => {
  const one = at('States', 'Charge', 'Parameters');
  expect(unusedFinding(one)).toMatchObject({ severity: 'ERROR', state: 'Charge', location: '/States/Charge/Parameters', isForm: true });
  expect(unusedFinding(one).message).toContain('Parameters');
  expect(placeName(one)).toBe('Parameters of Charge');
});

test('a text goes with its state and its place in a list', () => {
  const list = [at('States', 'A', 'Parameters'), at('States', 'A', 'Catch', 1, 'Output')];
  expect(placesOf(followed(list, [{ kind: 'rename', path: ['States', 'A'], name: 'B' }]))).toEqual(['States/B/Parameters', 'States/B/Catch/1/Output']);
  const catchers = ['States', 'A', 'Catch'];
  expect(placesOf(followed(list, [{ kind: 'remove', path: [...catchers, 0] }]))).toContain('States/A/Catch/0/Output');
  expect(placesOf(followed(list, [{ kind: 'remove', path: [...catchers, 1] }]))).toEqual(['States/A/Parameters']);
  expect(placesOf(followed(list, [{ kind: 'remove', path: [...catchers, 1] }, { kind: 'insert', path: [...catchers, 0], value: {} }]))).toContain('States/A/Catch/0/Output');
  expect(placesOf(followed(list, [{ kind: 'remove', path: [...catchers, 0] }, { kind: 'insert', path: [...catchers, 1], value: {} }]))).toContain('States/A/Catch/0/Output');
});

test('a field that is taken away takes its text along, one that is called otherwise keeps it', () => {
  const list = [at('States', 'A', 'Parameters')];
  expect(followed(list, [{ kind: 'remove', path: ['States', 'A', 'Parameters'] }])).toEqual([]);
  expect(followed(list, [{ kind: 'rename', path: ['States', 'A', 'Parameters'], name: 'Arguments' }])).toMatchObject([{ field: 'Arguments', keys: ['States', 'A', 'Arguments'] }]);
});

test('a text counts while its state is there, and again when it comes back', () => {
  const name: Unused = { keys: ['States', 'A'], field: 'State name', text: '', why: 'A state needs a name.' };
  const list = [at('States', 'A', 'Parameters'), name];
  expect(thoseIn({ States: { A: { Type: 'Pass' } } }, list)).toEqual(list);
  expect(thoseIn({ States: {} }, list)).toEqual([]);
});
