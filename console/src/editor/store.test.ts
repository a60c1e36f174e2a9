import type { TransactionSpec } from '@codemirror/state';
import { expect, test } from 'vitest';
import { changed } from './change';
import { jsonCodec } from './codec';
import type { Change } from './patch';
import { along, DefinitionStore, fileOf, jsonOf } from './store';
import { yamlCodec } from './yaml';

const text = '{\n  "StartAt": "A",\n  "States": { "A": { "Type": "Pass", "End": true } }\n}\n';
const toB: Change[] = [
  { kind: 'rename', path: ['States', 'A'], name: 'B' },
  { kind: 'set', path: ['StartAt'], value: 'B' },
];

test('several changes are one step, undone and redone', () => {
  const store = new DefinitionStore(text);
  expect(store.change(toB)).toBe(true);
  expect(store.read().text).toBe(text.replaceAll('"A"', '"B"'));
  expect(store.read()).toMatchObject({ canUndo: true, canRedo: false });
  store.undo();
  expect(store.read()).toMatchObject({ text, canUndo: false, canRedo: true });
  store.redo();
  expect(store.read().value).toMatchObject({ StartAt: 'B' });
});

test('listeners hear of changes and of nothing else', () => {
  const store = new DefinitionStore(text);
  let heard = 0;
  store.subscribe(() => { heard += 1; });
  expect(store.change([{ kind: 'remove', path: ['Nothing'] }])).toBe(false);
  expect(store.change([{ kind: 'set', path: ['StartAt'], value: 'A' }])).toBe(false);
  expect(heard).toBe(0);
  store.accept(store.state.update({ selection: { anchor: 3 } }).state);
  expect(heard).toBe(0);
  store.change(toB);
  expect(heard).toBe(1);
  expect(store.read()).toBe(store.read());
});

test('a conversion is a step like others, and brings its format back', () => {
  const store = new DefinitionStore(text);
  expect(store.convert(yamlCodec)).toBe(true);
  expect(store.read()).toMatchObject({ format: 'yaml', text: 'StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n' });
  expect(JSON.parse(jsonOf(store.read()))).toEqual(JSON.parse(text));
  store.change(toB);
  expect(store.read().text).toContain('  B:\n    Type: Pass');
  store.undo();
  store.undo();
  expect(store.read()).toMatchObject({ format: 'json', text });
});

test('a text that cannot be read is not converted', () => {
  const store = new DefinitionStore('{"StartAt": ');
  expect(store.convert(yamlCodec)).toBe(false);
  expect(store.read().text).toBe('{"StartAt": ');
});

test('a text that reads as the other format alone is taken as that, as it is', () => {
  const written = 'StartAt: A # the first\nStates: {A: {Type: Succeed}}\n';
  const store = new DefinitionStore('');
  store.replace(written);
  expect(store.convert(yamlCodec)).toBe(true);
  expect(store.read()).toMatchObject({ format: 'yaml', text: written, problem: undefined });
  store.replace('{\n\t"StartAt": "A"\n}');
  expect(store.convert(jsonCodec)).toBe(true);
  expect(store.read()).toMatchObject({ format: 'json', problem: undefined });
});

const yaml = `# What this is
StartAt: A # the first
States:
  A: {Type: Pass, Next: B}
  B:
    Type: Task   # calls
    Catch:
      - ErrorEquals: [E]
        Next: A
`;

test.each<Change>([
  { kind: 'set', path: ['StartAt'], value: 'B' },
  { kind: 'set', path: ['States', 'N'], value: { Type: 'Pass', End: true }, after: 'A' },
  { kind: 'set', path: ['States', 'A', 'Next', 'x'], value: 1 },
  { kind: 'insert', path: ['States', 'B', 'Catch', 0], value: { ErrorEquals: ['F'] } },
  { kind: 'remove', path: ['States', 'B', 'Catch', 0] },
  { kind: 'remove', path: ['States', 'X', 'Y'] },
  { kind: 'rename', path: ['States', 'B'], name: 'C' },
])('YAML says after a change what the value after it is, and keeps its comments: %j', (change) => {
  const store = new DefinitionStore('');
  store.know(yamlCodec);
  store.replace(yaml, 'yaml');
  const before = store.read().value ?? null;
  store.change([change]);
  expect(JSON.stringify(store.read().value)).toBe(JSON.stringify(changed(before, [change])));
  expect(store.read().text).toContain('# What this is');
  expect(store.read().text).toContain('# the first');
});

test('of YAML with a mistake nothing is sent as if that were all, and nothing changed', () => {
  const store = new DefinitionStore('');
  store.know(yamlCodec);
  const broken = `${yaml}  C: [1, 2\n`;
  store.replace(broken, 'yaml');
  expect(store.read().value).toMatchObject({ StartAt: 'A' });
  expect(store.read().problem?.message).toMatch(/^The text is not YAML: /);
  expect(store.read().problem?.offset).toBeGreaterThan(yaml.length);
  expect(jsonOf(store.read())).toBe(broken);
  expect(store.change([{ kind: 'set', path: ['StartAt'], value: 'B' }])).toBe(false);
  expect(store.convert(jsonCodec)).toBe(false);
});

test('JSON says what is wrong with it and where', () => {
  expect(jsonCodec.problem('{"a": 1}')).toBeUndefined();
  expect(jsonCodec.problem('{"a": ]}')).toEqual({ message: 'A value is missing before this ]', offset: 6 });
});

test('brackets in brackets without end are a text that cannot be read, not a fault', () => {
  const deep = '['.repeat(100_000);
  expect(jsonCodec.read(deep)).toBeUndefined();
  expect(jsonCodec.problem(deep)).toMatchObject({ offset: 99_999 });
  expect(jsonCodec.locate(deep)(['States'])).toBeUndefined();
});

test('YAML that refers to itself without end is refused, not followed', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefgh'.split('').map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at] ?? ''},`.repeat(9)}]`)].join('\n');
  expect(yamlCodec.read(bomb)).toBeUndefined();
});

test('a megabyte is changed while one looks', () => {
  const States = Object.fromEntries(Array.from({ length: 4_000 }, (_, at) => [`State ${at}`, { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { 'Payload.$': '$', FunctionName: 'f'.repeat(60) }, Next: `State ${at + 1}` }]));
  const large = jsonCodec.write({ StartAt: 'State 0', States });
  expect(large.length).toBeGreaterThan(1_000_000);
  const store = new DefinitionStore(large);
  const begin = performance.now();
  store.change([{ kind: 'set', path: ['States', 'State 2000', 'Next'], value: 'State 7' }]);
  // eslint-disable-next-line no-console -- the figure is what this is for
  console.info(`a change in ${large.length} letters took ${(performance.now() - begin).toFixed(0)} ms`);
  expect(store.read().text.length).toBeLessThan(large.length);
});

test('undone and done again, a step leads to the state that was chosen before and after it', () => {
  const store = new DefinitionStore(text);
  store.change(toB, { from: 'A', to: 'B' });
  store.change([{ kind: 'set', path: ['Comment'], value: 'x' }]);
  expect(store.undo()).toBeUndefined();
  expect(store.undo()).toEqual({ from: 'B', to: 'A' });
  expect(store.redo()).toEqual({ from: 'A', to: 'B' });
  expect(store.undo()).toEqual({ from: 'B', to: 'A' });
});

test('what is chosen goes the way of the state that it is, or is inside of; another one stays', () => {
  const way = { from: 'B', to: 'A' };
  const none = () => false;
  expect(along('B', way, none)).toBe('A');
  expect(along('B/0/X', way, none)).toBe('A/0/X');
  expect(along('B/0/X', way, () => true)).toBe('B/0/X');
  expect(along('Bx', way, none)).toBe('Bx');
  expect(along(undefined, way, none)).toBeUndefined();
  expect(along('B', { from: 'B', to: undefined }, none)).toBeUndefined();
});

test('the cursor goes to a place at once where the text is shown, else the keyboard follows when it is', () => {
  const store = new DefinitionStore(text);
  let focused = 0;
  const view = { dispatch: (spec: TransactionSpec) => store.accept(store.state.update(spec).state), focus: () => { focused += 1; } };
  store.goTo(5);
  expect(store.state.selection.main.head).toBe(5);
  expect(focused).toBe(0);
  const hide = store.show(view);
  expect(focused).toBe(1);
  store.goTo(1_000_000);
  expect(store.state.selection.main.head).toBe(text.length);
  expect(focused).toBe(2);
  hide();
  store.show(view);
  expect(focused).toBe(2);
});

test('a file keeps its line ends, whatever is done to its text', () => {
  const file = text.replaceAll('\n', '\r\n');
  const store = new DefinitionStore(file);
  expect(jsonOf(store.read())).toBe(file);
  store.change(toB);
  expect(jsonOf(store.read())).toBe(file.replaceAll('"A"', '"B"'));
  store.convert(yamlCodec);
  expect(fileOf(store.read().text, store.read())).toBe('StartAt: B\r\nStates:\r\n  B:\r\n    Type: Pass\r\n    End: true\r\n');
  store.replace(text, 'json');
  expect(jsonOf(store.read())).toBe(text);
  store.undo();
  expect(store.read()).toMatchObject({ format: 'yaml', lineEnd: '\r\n' });
});
