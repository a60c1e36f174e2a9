import { expect, test } from 'vitest';
import { jsonCodec } from './codec';
import { keysAt, keysOfState, stateAt } from './locate';
import { yamlCodec } from './yaml';

const definition = {
  StartAt: 'a/b',
  States: {
    a: { Type: 'Pass' },
    'a/b': { Type: 'Choice', Choices: [{ Next: 'x' }] },
    'c[0]': { Type: 'Parallel', Branches: [{}, { States: { d: { Type: 'Map', ItemProcessor: { States: { e: { Type: 'Nope' } } } } } }] },
  },
};

test('a place that the server names is found, whatever is in the names', () => {
  expect(keysAt(definition, '/States/a/b/Choices[0]/Next')).toEqual(['States', 'a/b', 'Choices', 0, 'Next']);
  expect(keysAt(definition, '/States/c[0]/Branches[1]/States/d/ItemProcessor/States/e')).toEqual([
    'States', 'c[0]', 'Branches', 1, 'States', 'd', 'ItemProcessor', 'States', 'e',
  ]);
  expect(keysAt(definition, '/')).toEqual([]);
  expect(keysAt(definition, '')).toEqual([]);
});

test('the path of a state leads to its place, and to none where there is no such state', () => {
  expect(keysOfState(definition, 'c[0]/1/d/0/e')).toEqual(['States', 'c[0]', 'Branches', 1, 'States', 'd', 'ItemProcessor', 'States', 'e']);
  expect(keysOfState(definition, 'c[0]/2/d')).toBeUndefined();
  expect(keysOfState(definition, 'constructor')).toBeUndefined();
});

test('a place tells the state that it is in', () => {
  expect(stateAt(['States', 'a/b', 'Choices', 0, 'Next'])).toBe('a~1b');
  expect(stateAt(['States', 'c[0]', 'Branches', 1, 'States', 'd', 'ItemProcessor', 'States', 'e', 'Type'])).toBe('c[0]/1/d/0/e');
  expect(stateAt(['States', 'P', 'Branches', 1])).toBe('P');
  expect(stateAt(['States', 'P', 'Parameters', 'States', 'x'])).toBe('P');
  expect(stateAt(['StartAt'])).toBeUndefined();
});

test.each([jsonCodec, yamlCodec])('a place in the value is a place in the text: $format', (codec) => {
  const text = codec.write(definition);
  const shown = (keys: (string | number)[]) => {
    const span = codec.locate(text)(keys);
    return text.slice(span?.from, span?.to).replaceAll('"', '');
  };
  expect(shown(['States', 'a/b', 'Choices', 0, 'Next'])).toBe('x');
  expect(shown(['States', 'a'])).toBe('a');
  expect(shown(['States', 'a', 'Next'])).toBe('a');
  expect(shown(['States', 'c[0]', 'Branches', 1, 'States', 'd', 'ItemProcessor', 'States', 'e', 'Type'])).toBe('Nope');
});

test('a text that is half written has places too', () => {
  const text = '{"StartAt": "A", "States": {"A": {"Type": "Pass"';
  expect(jsonCodec.locate(text)(['States', 'A', 'Type'])).toEqual({ from: text.length - 6, to: text.length });
});
