import { CompletionContext } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import { expect, test } from 'vitest';
import { type Codec, jsonCodec } from './codec';
import { completionSource } from './complete';
import { placeAt, yamlCursor } from './place';
import { yamlCodec } from './yaml';

/** What is offered where `|` stands. */
function offered(marked: string, codec: Codec = jsonCodec): string[] {
  const at = marked.indexOf('|');
  const text = marked.slice(0, at) + marked.slice(at + 1);
  const source = completionSource(() => ({ value: codec.read(text), format: codec.format }));
  const result = source(new CompletionContext(EditorState.create({ doc: text }), at, true));
  return (result?.options ?? []).map(({ label }) => label);
}

/** The text after the named offer is taken. */
function taken(marked: string, label: string, codec: Codec = jsonCodec): string {
  const at = marked.indexOf('|');
  const text = marked.slice(0, at) + marked.slice(at + 1);
  const result = completionSource(() => ({ value: codec.read(text), format: codec.format }))(new CompletionContext(EditorState.create({ doc: text }), at, true));
  const option = result?.options.find((one) => one.label === label);
  if (result === null || option === undefined) throw new Error(`${label} is not offered`);
  return text.slice(0, result.from) + String(option.apply) + text.slice(result.to ?? at);
}

const states = '"States": {"First one": {"Type": "Pass"}, "B": {"Type": "Parallel", "Branches": [{"States": {"In": {"Type": "Pass", "Next": "|"}}}]}}';

test('states are offered where states are named, those of the same workflow', () => {
  expect(offered('{"StartAt": "|", "States": {"First one": {}, "B": {}}}')).toEqual(['First one', 'B']);
  expect(offered(`{${states}}`)).toEqual(['In']);
  expect(taken('{"StartAt": "First |", "States": {"First one": {}}}', 'First one')).toBe('{"StartAt": "First one", "States": {"First one": {}}}');
});

test('fields are those of the type and of the language', () => {
  const wait = offered('{"States": {"A": {"Type": "Wait", "|"}}}');
  expect(wait).toContain('SecondsPath');
  expect(wait).not.toContain('Resource');
  const jsonata = offered('{"QueryLanguage": "JSONata", "States": {"A": {"Type": "Task", "|"}}}');
  expect(jsonata).toContain('Arguments');
  expect(jsonata).not.toContain('Parameters');
  expect(offered('{"States": {"A": {"QueryLanguage": "JSONata", "Type": "Task", "Retry": [{"|"}]}}}')).toContain('JitterStrategy');
  expect(offered('{"States": {"A": {"Type": "Choice", "Choices": [{"And": [{"|"}]}]}}}')).toContain('NumericLessThanPath');
});

test('a name that is taken gets what it lacks of quotes and colon', () => {
  expect(taken('{"States": {"A": {"Type": "Pass", |}}}', 'Result')).toBe('{"States": {"A": {"Type": "Pass", "Result": }}}');
  expect(taken('{"States": {"A": {"Type": "Pass", "Res|"}}}', 'ResultPath')).toBe('{"States": {"A": {"Type": "Pass", "ResultPath": }}}');
  expect(taken('{"States": {"A": {"Type": "Pass", "Res|": 1}}}', 'ResultPath')).toBe('{"States": {"A": {"Type": "Pass", "ResultPath": 1}}}');
});

test('values are those of the field', () => {
  expect(offered('{"States": {"A": {"Type": "|"}}}')).toContain('Parallel');
  expect(offered('{"States": {"A": {"Type": "Task", "Catch": [{"ErrorEquals": ["|"]}]}}}')).toContain('States.Timeout');
  expect(offered('{"States": {"A": {"Type": "Pass", "End": |}}}')).toEqual(['true', 'false']);
  expect(offered('{"States": {"A": {"Type": "Task", "Resource": "|"}}}')).toContain('arn:aws:states:::lambda:invoke');
});

test('paths, functions and variables are offered in the language that has them', () => {
  const template = offered('{"States": {"V": {"Assign": {"total": 1}}, "A": {"Type": "Task", "Parameters": {"x.$": "|"}}}}');
  expect(template).toEqual(expect.arrayContaining(['$$.Execution.Id', 'States.Format', '$total']));
  expect(offered('{"States": {"A": {"Type": "Pass", "ResultPath": "|"}}}')).not.toContain('States.Format');
  expect(taken('{"QueryLanguage": "JSONata", "States": {"A": {"Type": "Task", "Arguments": {"x": "{% $sta|"}}}}', '$states.input')).toContain('"{% $states.input"');
  expect(offered('{"States": {"A": {"Type": "Task", "Parameters": {"x": "|"}}}}')).toEqual([]);
});

const yaml = `StartAt: A
States:
  A:
    Type: Task
    Catch:
      - ErrorEquals: [E]
        Next: B
      - ErrorEquals:
          - X
        Next: |
  B: {Type: Pass}
`;

test('YAML is completed by its indents', () => {
  expect(yamlCursor(yaml, yaml.indexOf('|'))).toEqual({ keys: ['States', 'A', 'Catch', 1, 'Next'], isName: false });
  expect(offered(yaml, yamlCodec)).toEqual(['A', 'B']);
  expect(taken('States:\n  A:\n    Type: Wait\n    Sec|\n', 'Seconds', yamlCodec)).toBe('States:\n  A:\n    Type: Wait\n    Seconds: \n');
  expect(yamlCursor('States:\n  A:\n    Retry:\n    - MaxAttempts: 1\n    - Err', 60)).toEqual({ keys: ['States', 'A', 'Retry', 1, ''], isName: true });
});

test('a place in a definition has its table', () => {
  const definition = { States: { M: { Type: 'Map', ItemProcessor: { States: { X: { Type: 'Fail' } } }, ItemReader: { ReaderConfig: {} } } } };
  expect(placeAt(definition, ['States', 'M', 'ItemReader', 'ReaderConfig', 'InputType']).field?.options).toContain('PARQUET');
  expect(placeAt(definition, ['States', 'M', 'ItemProcessor', 'States', 'X', 'Cause'])).toMatchObject({ table: 'Fail', states: ['X'] });
  expect(placeAt(definition, ['States', 'M', 'ItemSelector', 'Next']).table).toBeUndefined();
  expect(placeAt(definition, ['States', 'New']).table).toBeUndefined();
});
