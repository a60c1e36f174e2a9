import { describe, expect, it } from 'vitest';
import { jsonProblem, pretty } from './json';

describe('pretty', () => {
  it('indents and keeps every digit', () => {
    expect(pretty('{"a":1.0,"b":[12345678901234567890,{ }],"c":"x, {\\"y\\": 1}"}')).toBe(
      '{\n  "a": 1.0,\n  "b": [\n    12345678901234567890,\n    {}\n  ],\n  "c": "x, {\\"y\\": 1}"\n}',
    );
  });

  it.each([{}, [], [[], [[1]]], { a: { b: [null, true, 'é\\" \n'] } }, 'text', 7])('writes %j as JSON.stringify does', (value) => {
    expect(pretty(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  });

  it('leaves alone what is nested so deep that its indents would be too long for any text', () => {
    const deep = '['.repeat(2000) + ']'.repeat(2000);
    expect(pretty(deep) === deep).toBe(true);
  });

  it('leaves what is not JSON alone', () => {
    expect(pretty('{"a": 1,,}')).toBe('{"a": 1,,}');
  });
});

describe('jsonProblem', () => {
  it('is silent about JSON', () => {
    expect(jsonProblem(' {"a": [1]} ')).toBeUndefined();
  });

  it('says where', () => {
    expect(jsonProblem('{\n  "a": 1,\n  b\n}')).toMatch(/line 3 column 3/);
  });
});
