import { expect, test } from 'vitest';
import { nameOf, parentOf, partsOf, pointerParts, pointerTo, stateIn, workflowIn, workflowOf } from './path';

test('a path takes names apart from numbers, whatever the names are', () => {
  const path = stateIn(workflowIn(stateIn('', 'a/b~c'), 1), '1');
  expect(path).toBe('a~1b~0c/1/1');
  expect(partsOf(path)).toEqual(['a/b~c', 1, '1']);
  expect([nameOf(path), workflowOf(path), parentOf(path)]).toEqual(['1', 'a~1b~0c/1', 'a~1b~0c']);
});

test('a state of the machine has no parent', () => {
  expect(parentOf(stateIn('', 'A'))).toBeUndefined();
  expect(workflowOf('A')).toBe('');
});

test('pointers spell names as RFC 6901 does', () => {
  expect(pointerTo('/States', 'a/b~')).toBe('/States/a~1b~0');
  expect(pointerParts('/States/a~1b~0/Choices/0')).toEqual(['States', 'a/b~', 'Choices', '0']);
});
