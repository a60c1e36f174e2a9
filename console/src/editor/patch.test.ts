import { describe, expect, test } from 'vitest';
import type { Json } from '../graph/json';
import { changed } from './change';
import { applied, type Change, jsonEdit } from './patch';

const text = `{
  "StartAt": "A",
  "States": {
    "A": { "Type": "Pass", "Next": "B" },
    "B": {
      "Type":   "Task",
      "Resource": "x",
      "Catch": [{"ErrorEquals": ["E"], "Next": "C"}],
      "End": true
    },
    "C": {}
  }
}
`;

const patched = (source: string, ...changes: Change[]) =>
  changes.reduce((now, change) => {
    const edit = jsonEdit(now, change);
    return edit === undefined ? now : applied(now, edit);
  }, source);

const line = (after: string) => after.split('\n').filter((one) => !text.includes(one));

test('a value is replaced where it stands, and nothing else', () => {
  expect(patched(text, { kind: 'set', path: ['States', 'A', 'Next'], value: 'C' })).toBe(text.replace('"Next": "B"', '"Next": "C"'));
  expect(patched(text, { kind: 'set', path: ['States', 'B', 'Catch', 0, 'Next'], value: 'D' })).toBe(text.replace('"Next": "C"', '"Next": "D"'));
});

test('a new member comes in the manner of its object', () => {
  expect(line(patched(text, { kind: 'set', path: ['States', 'A', 'Comment'], value: 'c' }))).toEqual(['    "A": { "Type": "Pass", "Next": "B", "Comment": "c" },']);
  expect(line(patched(text, { kind: 'set', path: ['States', 'B', 'Retry'], value: [{ MaxAttempts: 1 }] }))).toEqual([
    '      "End": true,', '      "Retry": [', '        {', '          "MaxAttempts": 1', '        }', '      ]',
  ]);
});

test('a new state comes behind the one it follows', () => {
  const after = patched(text, { kind: 'set', path: ['States', 'N'], value: { Type: 'Pass', End: true }, after: 'A' });
  expect(after).toContain('"Next": "B" },\n    "N": {\n      "Type": "Pass",\n      "End": true\n    },\n    "B": {');
  expect(Object.keys((JSON.parse(after) as { States: object }).States)).toEqual(['A', 'N', 'B', 'C']);
});

test('an empty object is opened, and one that lacks is made', () => {
  expect(patched(text, { kind: 'set', path: ['States', 'C', 'Type'], value: 'Succeed' })).toBe(text.replace('"C": {}', '"C": {\n      "Type": "Succeed"\n    }'));
  expect(JSON.parse(patched('{}', { kind: 'set', path: ['States', 'A', 'Type'], value: 'Pass' }))).toEqual({ States: { A: { Type: 'Pass' } } });
  expect(JSON.parse(patched('', { kind: 'set', path: ['StartAt'], value: 'A' }))).toEqual({ StartAt: 'A' });
});

test('what is removed takes its comma along', () => {
  expect(patched(text, { kind: 'remove', path: ['States', 'B', 'End'] })).toBe(text.replace(',\n      "End": true', ''));
  expect(patched(text, { kind: 'remove', path: ['States', 'A', 'Type'] })).toBe(text.replace('"Type": "Pass", ', ''));
  expect(patched(text, { kind: 'remove', path: ['States', 'B', 'Catch', 0] })).toBe(text.replace('[{"ErrorEquals": ["E"], "Next": "C"}]', '[]'));
  expect(patched(text, { kind: 'remove', path: ['Nothing', 3] })).toBe(text);
});

test('a name is changed where it stands', () => {
  expect(patched(text, { kind: 'rename', path: ['States', 'B'], name: 'A "b"' })).toBe(text.replace('"B": {', '"A \\"b\\"": {'));
});

test('tabs, Windows line ends and one long line stay what they are', () => {
  const tabs = '{\r\n\t"States": {\r\n\t\t"A": {\r\n\t\t\t"Type": "Pass"\r\n\t\t}\r\n\t}\r\n}';
  expect(patched(tabs, { kind: 'set', path: ['States', 'B'], value: { Type: 'Fail' } })).toBe(
    '{\r\n\t"States": {\r\n\t\t"A": {\r\n\t\t\t"Type": "Pass"\r\n\t\t},\r\n\t\t"B": {\r\n\t\t\t"Type": "Fail"\r\n\t\t}\r\n\t}\r\n}',
  );
  expect(patched('{"States":{"A":{}}}', { kind: 'set', path: ['States', 'A', 'Type'], value: 'Pass' })).toBe('{"States":{"A":{"Type": "Pass"}}}');
});

const CASES: Change[] = [
  { kind: 'set', path: ['StartAt'], value: 'B' },
  { kind: 'set', path: ['States', 'New', 'Parameters', 'a.$'], value: '$.a' },
  { kind: 'set', path: ['States', 'A', 'Next', 'x'], value: 1 },
  { kind: 'set', path: ['States', 'B', 'Catch', 1], value: { ErrorEquals: [], Next: '' } },
  { kind: 'insert', path: ['States', 'B', 'Catch', 0], value: { ErrorEquals: ['F'] } },
  { kind: 'insert', path: ['States', 'C', 'Retry', 0], value: {} },
  { kind: 'remove', path: ['States'] },
  { kind: 'remove', path: ['States', 'C'] },
  { kind: 'rename', path: ['States', 'A'], name: 'Z' },
  { kind: 'rename', path: ['States', 'No'], name: 'Z' },
];

describe('the text after a change says what the value after it is', () => {
  const texts = [text, JSON.stringify(JSON.parse(text)), JSON.stringify(JSON.parse(text), null, '\t')];
  test.each(CASES)('%j', (change) => {
    for (const one of texts) {
      const value = JSON.parse(one) as Json;
      expect(JSON.stringify(JSON.parse(patched(one, change)))).toBe(JSON.stringify(changed(value, [change])));
    }
  });
});

test('what stands in texts is left alone', () => {
  const value = ['[ a ]', '{ b }\n  c'];
  expect(JSON.parse(patched('{"A":1}', { kind: 'set', path: ['B'], value }))).toEqual({ A: 1, B: value });
});

test('a text that is half written can be changed where it can be read', () => {
  expect(patched('{"StartAt": "A", "States": {"A": {"Type": "Pass",', { kind: 'set', path: ['StartAt'], value: 'B' })).toContain('"StartAt": "B"');
});
