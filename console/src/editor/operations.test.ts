import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../graph/json';
import { modelOf } from '../graph/model';
import type { DropTarget } from '../graph/props';
import { changed } from './change';
import { applied, jsonEdit } from './patch';
import { duplicate, freeName, insert, leading, move, nameProblem, type Operation, remove, rename, targetBehind } from './operations';

const branch = (name: string): JsonObject => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } });
const machine: Json = {
  StartAt: 'A',
  States: {
    A: { Type: 'Task', Resource: 'r', Catch: [{ ErrorEquals: ['E'], Next: 'D' }, { ErrorEquals: ['F'], Next: 'D' }], Next: 'B' },
    B: { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'C' }], Default: 'D' },
    C: { Type: 'Parallel', Branches: [branch('X'), branch('Y')], Next: 'D' },
    D: { Type: 'Pass', End: true },
  },
};

const after = ({ changes }: Operation, value: Json = machine) => changed(value, changes);
const edge = (from: string, kind: string, value: Json = machine): DropTarget => {
  const found = [...modelOf(value).edges.values()].find((one) => one.from === from && one.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} leaves ${from}`);
  return { kind: 'edge', edge: found };
};
const ways = (value: Json) =>
  [...modelOf(value).edges.values()].filter(({ from }) => !from.includes('/')).map(({ from, to, kind }) => `${from} ${kind} ${to}`);

const pass: JsonObject = { Type: 'Pass' };

test('a state dropped on a way leads where the way led', () => {
  const operation = insert(machine, edge('A', 'next'), 'N', pass);
  expect(operation.select).toBe('N');
  expect(after(operation)).toMatchObject({ States: { A: { Next: 'N' }, N: { Type: 'Pass', Next: 'B' } } });
  expect(after(insert(machine, edge('#start', 'start'), 'N', pass))).toMatchObject({ StartAt: 'N', States: { N: { Next: 'A' } } });
  expect(after(insert(machine, edge('B', 'default'), 'N', pass))).toMatchObject({ States: { B: { Default: 'N' }, N: { Next: 'D' } } });
  expect(after(insert(machine, edge('B', 'choice'), 'N', pass))).toMatchObject({ States: { B: { Choices: [{ Next: 'N' }] }, N: { Next: 'C' } } });
});

test('catchers that are drawn as one way are led together', () => {
  expect(after(insert(machine, edge('A', 'catch'), 'N', pass))).toMatchObject({ States: { A: { Catch: [{ Next: 'N' }, { Next: 'N' }], Next: 'B' }, N: { Next: 'D' } } });
});

test('the last state gives its end to the one dropped behind it, in branches too', () => {
  expect(after(insert(machine, edge('D', 'end'), 'N', pass))).toMatchObject({ States: { D: { Next: 'N' }, N: { End: true } } });
  const nested = after(insert(machine, edge('C/1/Y', 'end'), 'N', pass));
  expect(nested).toMatchObject({ States: { C: { Branches: [{}, { States: { Y: { Next: 'N' }, N: { End: true } } }] } } });
  expect(JSON.stringify(nested)).not.toMatch(/"Y":\{[^}]*"End"/);
});

test('the first state of an empty definition or branch begins it', () => {
  expect(after(insert({}, edge('#start', 'start', {}), 'N', pass), {})).toEqual({ States: { N: { Type: 'Pass', End: true } }, StartAt: 'N' });
  const empty: Json = { StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [{}], End: true } } };
  expect(after(insert(empty, edge('P/0#start', 'start', empty), 'N', pass), empty)).toMatchObject({
    States: { P: { Branches: [{ StartAt: 'N', States: { N: { Type: 'Pass', End: true } } }] } },
  });
});

test('a Choice leads its rules on, and at the end gets a state to lead to', () => {
  const choice: JsonObject = { Type: 'Choice', Choices: [{ Variable: '$', IsNull: true, Next: '' }] };
  expect(after(insert(machine, edge('A', 'next'), 'N', choice))).toMatchObject({ States: { N: { Choices: [{ Next: 'B' }], Default: 'B' } } });
  expect(after(insert(machine, edge('D', 'end'), 'N', choice))).toMatchObject({ States: { N: { Choices: [{ Next: 'Success' }], Default: 'Success' }, Success: { Type: 'Succeed' } } });
});

test('names are never taken twice, those inside a pattern neither', () => {
  expect(freeName('A', new Set(['A', 'A (1)']))).toBe('A (2)');
  expect(freeName('x'.repeat(80), new Set(['x'.repeat(80)])).length).toBeLessThanOrEqual(80);
  const value = after(insert(machine, edge('A', 'next'), 'C', { Type: 'Parallel', Branches: [branch('X'), branch('Z')] }));
  expect(value).toMatchObject({ States: { 'C (1)': { Branches: [{ StartAt: 'X (1)', States: { 'X (1)': {} } }, { StartAt: 'Z' }] } } });
});

test('a state that is gone leaves its way behind', () => {
  expect(after(remove(machine, 'A'))).toMatchObject({ StartAt: 'B' });
  expect(after(remove(machine, 'C'))).toMatchObject({ States: { B: { Choices: [{ Next: 'D' }] } } });
  expect(after(remove(machine, 'B'))).toMatchObject({ States: { A: { Next: 'D' } } });
  const last = after(remove(machine, 'D'));
  expect(last).toMatchObject({ States: { C: { End: true }, A: { Catch: [{ Next: 'D' }, { Next: 'D' }] } } });
  expect(ways(last)).toContain('A catch #missing/D');
  expect(after(remove({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }, 'A'), { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } })).toEqual({ States: {} });
});

test('a state leads to a state or to the end, never to both, and says so once', () => {
  const led = (state: JsonObject, next?: string) => {
    const text = JSON.stringify({ S: state });
    return leading(state, ['S'], next).reduce((now, change) => {
      const edit = jsonEdit(now, change);
      return edit === undefined ? now : applied(now, edit);
    }, text);
  };
  expect(led({ Next: 'B', Comment: 'c' })).toBe('{"S":{"End":true,"Comment":"c"}}');
  expect(led({ End: true, Comment: 'c' }, 'B')).toBe('{"S":{"Next":"B","Comment":"c"}}');
  expect(led({ End: false, Next: 'B' })).toBe('{"S":{"End":true}}');
  expect(led({ End: true, Next: 'B' }, 'C')).toBe('{"S":{"Next":"C"}}');
});

test('a new name is known wherever the old one was', () => {
  const operation = rename(machine, 'D', 'Done');
  expect(operation.select).toBe('Done');
  expect(ways(after(operation))).toEqual(ways(machine).map((way) => way.replace(/ D$/, ' Done').replace(/^D /, 'Done ')));
  for (const [refused, why] of [['X', /already a state named "X"/], ['', /needs a name/], ['x'.repeat(81), /at most 80 characters; this one has 81/]] as const) {
    expect(rename(machine, 'D', refused).changes).toEqual([]);
    expect(nameProblem(machine, refused)).toMatch(why);
  }
  expect(after(rename(machine, 'C/0/X', 'Q'))).toMatchObject({ States: { C: { Branches: [{ StartAt: 'Q', States: { Q: {} } }, {}] } } });
});

test('a copy comes behind its original with names of its own', () => {
  expect(after(duplicate(machine, 'C'))).toMatchObject({
    States: { C: { Next: 'C (1)' }, 'C (1)': { Next: 'D', Branches: [{ StartAt: 'X (1)' }, { StartAt: 'Y (1)' }] } },
  });
  expect(after(duplicate(machine, 'B'))).toMatchObject({ States: { 'B (1)': { Default: 'D' } } });
});

test('a state is moved with what it holds, and not into itself', () => {
  const moved = after(move(machine, 'C', edge('#start', 'start')));
  expect(moved).toMatchObject({ StartAt: 'C', States: { C: { Next: 'A', Branches: [{ StartAt: 'X' }, { StartAt: 'Y' }] }, B: { Choices: [{ Next: 'D' }] } } });
  expect(move(machine, 'C', edge('C/0/X', 'end')).changes).toEqual([]);
  expect(move(machine, 'C', edge('C', 'next')).changes).toEqual([]);
  expect(move(machine, 'C', { kind: 'after', path: 'C/0/X' }).changes).toEqual([]);
  expect(after(move(machine, 'D', edge('C/1/Y', 'end')))).toMatchObject({ States: { C: { End: true, Branches: [{}, { States: { Y: { Next: 'D' }, D: { End: true } } }] } } });
});

test('a chosen state comes behind the selected one, else before the end', () => {
  expect(targetBehind(machine, 'A')).toMatchObject({ edge: { from: 'A', kind: 'next' } });
  expect(targetBehind(machine, undefined)).toMatchObject({ edge: { from: 'D', kind: 'end' } });
  expect(targetBehind({}, undefined)).toMatchObject({ edge: { kind: 'start' } });
  expect(targetBehind({ StartAt: 'A', States: { A: { Type: 'Pass' } } }, 'A')).toEqual({ kind: 'after', path: 'A' });
});

test('a Map that is added or copied gives up a label that another one has', () => {
  const label = (name: string): JsonObject => ({ Type: 'Map', Label: name, ItemProcessor: branch('In') });
  const labelled: Json = { StartAt: 'A', States: { A: { ...label('L'), End: true } } };
  const labels = (operation: Operation) => Object.values((after(operation, labelled) as { States: Record<string, JsonObject> }).States).map(({ Label }) => Label);
  expect(labels(insert(labelled, edge('A', 'end', labelled), 'B', label('L')))).toEqual(['L', undefined]);
  expect(labels(insert(labelled, edge('A', 'end', labelled), 'B', label('M')))).toEqual(['L', 'M']);
  expect(labels(duplicate(labelled, 'A'))).toEqual(['L', undefined]);
});
