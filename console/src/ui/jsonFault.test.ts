import { describe, expect, it } from 'vitest';
import { jsonFault, lineAndColumn } from './jsonFault';

/** What is said, and the line and column it is said of. */
function said(text: string): string | undefined {
  const fault = jsonFault(text);
  if (fault === undefined) return undefined;
  const { line, column } = lineAndColumn(text, fault.offset);
  return `${line}:${column} ${fault.message}`;
}

describe('jsonFault', () => {
  it.each([
    ['', '1:1 There is nothing here yet: JSON begins with { or another value'],
    ['\n  "StartAt": "A"\n}', '1:1 The text must begin with {'],
    ['{"a": 1', '1:7 The text ends too soon: a } is missing for the { of line 1'],
    ['{"a": ', '1:5 The text ends too soon: a } is missing for the { of line 1'],
    ['{"a"', '1:5 A colon is missing after "a"'],
    ['{\n  "a": 1\n  "b": 2\n}', '2:9 A comma is missing here'],
    ['[1 2]', '1:3 A comma is missing here'],
    ['["a": 1]', '1:5 This colon must go: a name stands before a colon only in { }'],
    ['{\n  "a": 1,\n}', '2:9 This comma must go: only a } follows it'],
    ['{"a": [1,]}', '1:9 This comma must go: only a ] follows it'],
    ['{,}', '1:2 This comma must go: there is nothing before it'],
    ['{"a" 1}', '1:5 A colon is missing after "a"'],
    ['{"a": ,"b": 1}', '1:7 A value is missing before this ,'],
    ['{"a": }', '1:7 A value is missing before this }'],
    ['{a: 1}', '1:2 a must stand in double quotes'],
    ["{'a': 1}", '1:2 Texts and names stand in double quotes, not in others'],
    ['{“a”: 1}', '1:2 Texts and names stand in straight double quotes ("), not in “'],
    ['{"a": True}', '1:7 True is written true'],
    ['{"a": None}', '1:7 None is written null'],
    ['{"a": yes}', '1:7 yes must stand in double quotes'],
    ['{"a": 007}', '1:7 007 is not how JSON writes a number'],
    ['{"a": 1.}', '1:7 1. is not how JSON writes a number'],
    ['{"a": constructor}', '1:7 constructor must stand in double quotes'],
    ['{"a": NaN}', '1:7 NaN is not how JSON writes a number'],
    ['{ // no\n}', '1:3 JSON has no comments'],
    ['{\n  "a": "b,\n  "c": 1\n}', '2:8 This text has no closing double quote'],
    ['{"a": "C:\\dir"}', '1:10 \\d is no escape: a backslash itself is written \\\\'],
    ['{"a": "\t"}', '1:8 A tab in a text is written \\t'],
    ['{"a":\u00a01}', '1:6 A character that is not seen (U+00A0) stands here'],
    ['{"a": [1}', '1:9 A ] is missing before this }, for the [ of line 1'],
    ['{"a": 1}}', '1:9 This } must go: there are more } than {'],
    ['{"a": 1} {"b": 2}', '1:10 The value has ended before this: nothing may follow it'],
    ['{1: 2}', '1:2 A name in double quotes must stand here'],
  ])('%j', (text, expected) => {
    expect(said(text)).toBe(expected);
  });

  it('tells by the indents which bracket is missing, or too many', () => {
    const lines = ['{', '  "States": {', '    "A": {', '      "Type": "Pass"', '    }', '  }', '}'];
    const without = (line: number) => lines.filter((_, at) => at !== line).join('\n');
    expect(said(lines.join('\n'))).toBeUndefined();
    expect(said(without(4))).toBe('5:3 A } is missing before this one, for the { of line 3');
    expect(said([...lines.slice(0, 5), '    }', ...lines.slice(5)].join('\n'))).toBe('6:5 This bracket closes the { of line 2: there are more } than {');
  });

  it('reads what is nested without end', () => {
    expect(said('['.repeat(100_000))).toBe('1:100000 The text ends too soon: a ] is missing for the [ of line 1');
  });

  it('reads a line of any number of brackets without looking back along it', () => {
    expect(said('['.repeat(200_000) + ']'.repeat(199_999))).toBe('1:399999 The text ends too soon: a ] is missing for the [ of line 1');
  });

  it('reads texts of any length', () => {
    expect(said(`["${'\\\\x'.repeat(2_000_000)}",`)).toMatch(/^1:\d+ The text ends too soon/);
  });

  it.each(['{"a": [1, -0.5e+3, true, null, {}, []], "b\\u00e9\\"": "x"}', ' 1 ', '[]'])('is silent about %s', (text) => {
    expect(said(text)).toBeUndefined();
  });
});
