import { expect, test } from 'vitest';
import { asObject, type Json, type JsonObject } from '../graph/json';
import { changed } from './change';
import type { Language } from './fields';
import { turned } from './language';

/** A state in the other language, and the fields that were lost on the way. */
function said(state: JsonObject, to: Language = 'JSONata') {
  const QueryLanguage = to === 'JSONata' ? 'JSONPath' : 'JSONata';
  const machine: Json = { StartAt: 'A', QueryLanguage, States: { A: state } };
  const { changes, lost } = turned(machine, [], to);
  const after = asObject(changed(machine, changes));
  expect(after.QueryLanguage).toBe(to);
  return { state: asObject(after.States).A, lost };
}

test('a task keeps what it gives and what it hands on', () => {
  const task = {
    Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', InputPath: '$.deep', TimeoutSecondsPath: '$.t',
    Parameters: { FunctionName: 'f', Payload: { 'id.$': '$.id', 'run.$': '$$.Execution.Id', 'kept.$': '$kept[0]', all: [{ 'x.$': "$['a b']" }] } },
    ResultPath: '$.r',
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'A' }],
    Next: 'A',
  };
  expect(said(task)).toEqual({
    state: {
      Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', TimeoutSeconds: '{% $states.input.deep.t %}',
      Arguments: {
        FunctionName: 'f',
        Payload: { id: '{% $states.input.deep.id %}', run: '{% $states.context.Execution.Id %}', kept: '{% $kept[0] %}', all: [{ x: '{% $states.input.deep.`a b` %}' }] },
      },
      Output: '{% $merge([$states.input, {"r": $states.result}]) %}',
      Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $merge([$states.input, {"error": $states.errorOutput}]) %}', Next: 'A' }],
      Next: 'A',
    },
    lost: [],
  });
});

test.each<[JsonObject, JsonObject]>([
  [{ Type: 'Pass', Result: { a: 1 } }, { Type: 'Pass', Output: { a: 1 } }],
  [{ Type: 'Pass', Result: [1], ResultPath: '$.x' }, { Type: 'Pass', Output: '{% $merge([$states.input, {"x": [1]}]) %}' }],
  [{ Type: 'Pass', Parameters: { 'a.$': '$.b' } }, { Type: 'Pass', Output: { a: '{% $states.input.b %}' } }],
  [{ Type: 'Pass', InputPath: '$.b' }, { Type: 'Pass', Output: '{% $states.input.b %}' }],
  [{ Type: 'Pass', ResultPath: '$', OutputPath: '$' }, { Type: 'Pass' }],
  [{ Type: 'Task', ResultPath: null }, { Type: 'Task', Output: '{% $states.input %}' }],
  [{ Type: 'Task', ResultSelector: { 'a.$': '$.Payload' } }, { Type: 'Task', Output: { a: '{% $states.result.Payload %}' } }],
  [{ Type: 'Task', OutputPath: '$.Payload' }, { Type: 'Task', Output: '{% $states.result.Payload %}' }],
  [{ Type: 'Wait', SecondsPath: '$.s' }, { Type: 'Wait', Seconds: '{% $states.input.s %}' }],
  [{ Type: 'Map', ItemsPath: '$.items', MaxConcurrencyPath: '$.n' }, { Type: 'Map', Items: '{% $states.input.items %}', MaxConcurrency: '{% $states.input.n %}' }],
  [
    { Type: 'Choice', Choices: [{ And: [{ Variable: '$.a', NumericGreaterThan: 3 }, { Not: { Variable: '$.b', IsPresent: true } }], Next: 'A' }] },
    { Type: 'Choice', Choices: [{ Condition: '{% ($states.input.a > 3) and ($not($exists($states.input.b))) %}', Next: 'A' }] },
  ],
])('%j says the same in JSONata', (state, expected) => {
  expect(said(state)).toEqual({ state: expected, lost: [] });
});

test.each<[JsonObject, JsonObject, string[]]>([
  [
    { Type: 'Task', Parameters: { f: 'g', 'a.$': '$.b', in: [{ 'c.$': "States.Format('{}', $.b)" }] } },
    { Type: 'Task', Arguments: { f: 'g', a: '{% $states.input.b %}', in: [{}] } },
    ['A: Parameters.in[0].c.$'],
  ],
  [{ Type: 'Task', InputPath: '$..x' }, { Type: 'Task' }, ['A: InputPath']],
  [{ Type: 'Choice', Choices: [{ Variable: '$.a', StringMatches: 'x*', Next: 'A' }] }, { Type: 'Choice', Choices: [{ Next: 'A' }] }, ['A: Choices[0].Variable']],
])('of %j what cannot be said by itself is taken away, and named', (state, expected, lost) => {
  expect(said(state)).toEqual({ state: expected, lost });
});

test('names that objects have from the language, and texts that look like expressions, are only that', () => {
  const own = (text: string) => JSON.parse(text) as JsonObject;
  const paths = own('{"Type": "Pass", "Assign": {"t": "{% 1 %}", "__proto__.$": "$.x", "toString.$": "$.true.null[0].inner"}}');
  const assigned = JSON.stringify(asObject(said(paths).state).Assign);
  expect(assigned).toBe('{"t":"{% \\"{% 1 %}\\" %}","__proto__":"{% $states.input.x %}","toString":"{% $states.input.`true`.`null`[0].inner %}"}');
  const expressions = own('{"Type": "Pass", "Assign": {"toString": "{% $states.input.x %}", "__proto__": "{% $states.input.`true` %}"}}');
  expect(JSON.stringify(asObject(said(expressions, 'JSONPath').state).Assign)).toBe(`{"toString.$":"$.x","__proto__.$":"$['true']"}`);
  const rule = { Type: 'Choice', Choices: [{ Variable: '$.x', constructor: true, Next: 'A' }] };
  expect(said(rule).lost).toEqual(['A: Choices[0].Variable']);
});

test('what is no object or list where one must stand is left as it is', () => {
  const task = { Type: 'Task', Retry: 'x', Catch: ['y'] };
  expect(said(task)).toEqual({ state: task, lost: [] });
});

test('expressions that are only paths become paths again, others are named', () => {
  const task = { Type: 'Task', Arguments: { a: '{% $states.input.b[0].`c d` %}', at: '{% $states.context.State.EnteredTime %}', up: '{% $uppercase("x") %}' }, TimeoutSeconds: '{% $states.input.t %}', Output: '{% $uppercase("x") %}' };
  expect(said(task, 'JSONPath')).toEqual({
    state: { Type: 'Task', Parameters: { 'a.$': "$.b[0]['c d']", 'at.$': '$$.State.EnteredTime' }, TimeoutSecondsPath: '$.t' },
    lost: ['A: Arguments.up', 'A: Output'],
  });
});

test('one state is turned alone; what names a language of its own stays', () => {
  const wait = { Type: 'Wait', SecondsPath: '$.s', Next: 'B' };
  const machine: Json = { StartAt: 'A', States: { A: wait, B: { ...wait, QueryLanguage: 'JSONPath' }, C: { Type: 'Map', ItemProcessor: { StartAt: 'D', States: { D: wait } } } } };
  const turnedWait = { Type: 'Wait', Seconds: '{% $states.input.s %}', Next: 'B' };
  const after = (keys: string[]) => asObject(asObject(changed(machine, turned(machine, keys, 'JSONata').changes)).States);
  expect(after(['States', 'A'])).toEqual({ ...machine.States as object, A: { ...turnedWait, QueryLanguage: 'JSONata' } });
  expect(after([])).toEqual({ A: turnedWait, B: { ...wait, QueryLanguage: 'JSONPath' }, C: { Type: 'Map', ItemProcessor: { StartAt: 'D', States: { D: turnedWait } } } });
});
