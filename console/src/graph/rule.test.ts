import { expect, test } from 'vitest';
import type { Json } from './json';
import { ruleLabel } from './rule';

test.each<[Json, string]>([
  [{ Variable: '$.a', NumericEquals: 1, Next: 'X' }, '$.a == 1'],
  [{ Variable: '$.a', StringEquals: 'x', Next: 'X' }, '$.a == "x"'],
  [{ Variable: '$.a', NumericGreaterThanEqualsPath: '$.b' }, '$.a >= $.b'],
  [{ Variable: '$.a', TimestampLessThan: '2026-01-01T00:00:00Z' }, '$.a < "2026-01-01T00:00:00Z"'],
  [{ Variable: '$.a', StringMatches: '*.jpg' }, '$.a matches "*.jpg"'],
  [{ Variable: '$.a', IsPresent: true }, '$.a is present'],
  [{ Variable: '$.a', IsNull: false }, '$.a is not null'],
  [{ And: [{ Variable: '$.a', NumericEquals: 1 }, { Or: [{ Variable: '$.b', BooleanEquals: true }, { Not: { Variable: '$.c', IsString: true } }] }] },
    '$.a == 1 && ($.b == true || !($.c is string))'],
  [{ Condition: '{% $states.input.n\n   > 3 %}', Next: 'X' }, '$states.input.n > 3'],
  [{ Condition: true }, 'true'],
])('a rule reads as one would write it: %j', (rule, label) => {
  expect(ruleLabel(rule)).toBe(label);
});

test.each<Json>([null, 3, 'x', [], {}, { And: 3 }, { Not: null }, { Variable: 7 }, { Variable: '$.a' }, { Condition: null }])(
  'half a rule has a label too: %j',
  (rule) => {
    expect(typeof ruleLabel(rule)).toBe('string');
  },
);

test('conditions in conditions are not followed without end', () => {
  let rule: Json = { Variable: '$.a', IsNull: true };
  for (let depth = 0; depth < 10_000; depth += 1) rule = { Not: rule };
  expect(ruleLabel(rule).length).toBeLessThan(100);
});
