import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modelOf, pathsOf } from './model';

const riderPhoto: unknown = JSON.parse(
  readFileSync(new URL('../../../examples/rider-photo/state-machine.asl.json', import.meta.url), 'utf8'),
);

const edgesOf = (definition: unknown) =>
  [...modelOf(definition).edges.values()].map(({ from, to, kind, label }) => [from, to, kind, ...(label === undefined ? [] : [label])].join(' | '));

test('the rider-photo workflow, branches and catchers included', () => {
  expect(edgesOf(riderPhoto)).toEqual([
    'ParallelProcessing/0#start | ParallelProcessing/0/AddFaceToIndex | start',
    'ParallelProcessing/0/AddFaceToIndex | ParallelProcessing/0#end | end',
    'ParallelProcessing/1#start | ParallelProcessing/1/Thumbnail | start',
    'ParallelProcessing/1/Thumbnail | ParallelProcessing/1#end | end',
    '#start | FaceDetection | start',
    'FaceDetection | CheckFaceDuplicate | next',
    'FaceDetection | PhotoDoesNotMeetRequirement | catch | Catch PhotoDoesNotMeetRequirementError',
    'PhotoDoesNotMeetRequirement | #end | end',
    'CheckFaceDuplicate | ParallelProcessing | next',
    'CheckFaceDuplicate | PhotoDoesNotMeetRequirement | catch | Catch FaceAlreadyExistsError',
    'ParallelProcessing | PersistMetadata | next',
    'PersistMetadata | #end | end',
  ]);
});

test('every edge tells the field that says so', () => {
  const model = modelOf({
    StartAt: 'A/B',
    States: {
      'A/B': { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'C' }], Default: 'C' },
      C: { Type: 'Task', Catch: [{ ErrorEquals: ['X'], Next: 'D' }, { ErrorEquals: ['Y', 'Z'], Next: 'D' }], Next: 'D' },
      D: { Type: 'Pass', End: true },
    },
  });
  expect([...model.edges.values()].map(({ kind, pointers }) => [kind, ...pointers].join(' '))).toEqual([
    'start /StartAt',
    'choice /States/A~1B/Choices/0/Next',
    'default /States/A~1B/Default',
    'next /States/C/Next',
    'catch /States/C/Catch/0/Next /States/C/Catch/1/Next',
    'end /States/D/End',
  ]);
  expect([...model.edges.values()].find(({ kind }) => kind === 'catch')?.label).toBe('Catch X, Y, Z');
});

test('a name that nothing has is a node of its own, once', () => {
  const model = modelOf({ StartAt: 'A', States: { A: { Type: 'Choice', Choices: [{ Next: 'Nowhere' }], Default: 'Nowhere' } } });
  expect([...model.nodes.values()].filter(({ kind }) => kind === 'missing').map(({ name }) => name)).toEqual(['Nowhere']);
});

test('states that nothing leads to stay, and say so', () => {
  const model = modelOf({ StartAt: 'A', States: { B: { Type: 'Pass', Next: 'A' }, A: { Type: 'Pass', End: true } } });
  expect(model.nodes.get('B')?.reachable).toBe(false);
  expect(model.nodes.get('A')?.reachable).toBe(true);
});

test('nodes come as the flow meets them, whatever the order of the text', () => {
  const [a, b] = [{ Type: 'Pass', Next: 'B' }, { Type: 'Pass', End: true }];
  const names = (States: object) => modelOf({ StartAt: 'A', States }).root.nodes.map(({ name }) => name);
  expect(names({ B: b, A: a })).toEqual(['Start', 'A', 'B', 'End']);
  expect(names({ B: b, A: a })).toEqual(names({ A: a, B: b }));
});

test('Map processors of both spellings and modes are inside their state', () => {
  const inside = { StartAt: 'X', States: { X: { Type: 'Pass', End: true } } };
  const model = modelOf({
    StartAt: 'I',
    States: {
      I: { Type: 'Map', Iterator: inside, Next: 'P' },
      P: { Type: 'Map', ItemProcessor: { ...inside, ProcessorConfig: { Mode: 'DISTRIBUTED' } }, End: true },
    },
  });
  expect(pathsOf(model, 'X')).toEqual(['I/0/X', 'P/0/X']);
  expect(model.nodes.get('I/0/X')?.pointer).toBe('/States/I/Iterator/States/X');
  expect(model.nodes.get('P')?.detail).toBe('Distributed');
});

test.each([
  undefined, null, 3, 'x', [], {}, { States: 3 }, { StartAt: 3, States: [] }, { StartAt: 'A' }, { States: { A: null, B: 3, C: [] } },
  { StartAt: '__proto__', States: JSON.parse('{"__proto__":{"Type":"Pass","Next":"toString"}}') as unknown },
  { States: { A: { Type: 'Map', ItemProcessor: 3 }, B: { Type: 'Parallel', Branches: [null, 3, {}] }, C: { Type: 'Choice', Choices: 3 } } },
  { States: { A: { Catch: [{ ErrorEquals: [{ toString: 3, valueOf: 3 }], Next: 'A' }] } } },
  { States: { A: { Next: 3, Catch: [null, { Next: {} }], Retry: 'x', Resource: {}, Type: 3 } } },
])('any JSON has a graph: %j', (definition) => {
  expect(modelOf(definition).root.nodes.length).toBeGreaterThan(0);
});

test('states in states are followed to a depth, not without end', () => {
  let state: unknown = { Type: 'Pass', End: true };
  for (let depth = 0; depth < 5_000; depth += 1) state = { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: state } }], End: true };
  expect(modelOf({ StartAt: 'A', States: { A: state } }).nodes.size).toBeLessThan(1_000);
});
