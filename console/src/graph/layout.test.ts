import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Box, type Layout, layoutOf, type Orientation } from './layout';
import { labelWidth } from './measure';
import { modelOf } from './model';
import { partsOf } from './path';

const riderPhoto: unknown = JSON.parse(
  readFileSync(new URL('../../../examples/rider-photo/state-machine.asl.json', import.meta.url), 'utf8'),
);
const laidOut = (definition: unknown, orientation: Orientation = 'vertical') => layoutOf(modelOf(definition), orientation);
const boxOf = (layout: Layout, id: string): Box => {
  const box = [...layout.nodes, ...layout.workflows].find((one) => one.id === id);
  if (box === undefined) throw new Error(`${id} was not placed`);
  return box;
};
const holds = (outer: Box, inner: Box) =>
  outer.x <= inner.x && outer.y <= inner.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
const apart = (a: Box, b: Box) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

const chain = (count: number, more: Record<string, object> = {}) => {
  const States: Record<string, object> = {};
  for (let at = 0; at < count; at += 1) {
    States[`s${at}`] = { Type: 'Pass', ...(at === count - 1 ? { End: true } : { Next: `s${at + 1}` }), ...more[`s${at}`] };
  }
  return { StartAt: 's0', States };
};

test.each<Orientation>(['vertical', 'horizontal'])('states stand in their state and in the picture, none on another: %s', (orientation) => {
  const layout = laidOut(riderPhoto, orientation);
  for (const node of layout.nodes) {
    expect(holds({ x: 0, y: 0, ...layout }, node)).toBe(true);
    const [parent, branch] = partsOf(node.id);
    if (node.depth > 0 && !node.id.includes('#')) expect(holds(boxOf(layout, `${parent ?? ''}/${branch ?? ''}`), node)).toBe(true);
    for (const other of layout.nodes) if (other !== node && other.depth === node.depth) expect(apart(node, other)).toBe(true);
  }
});

test('the flow runs down or to the right', () => {
  const down = laidOut(riderPhoto);
  expect(boxOf(down, 'CheckFaceDuplicate').y).toBeGreaterThan(boxOf(down, 'FaceDetection').y);
  const right = laidOut(riderPhoto, 'horizontal');
  expect(boxOf(right, 'CheckFaceDuplicate').x).toBeGreaterThan(boxOf(right, 'FaceDetection').x);
});

test('edges begin and end on the borders of their states and cross no other', () => {
  const definition = chain(6, { s1: { Catch: [{ ErrorEquals: ['X'], Next: 's4' }] }, s2: { Type: 'Parallel', Branches: [chain(4), chain(2)] } });
  const model = modelOf(definition);
  const layout = layoutOf(model, 'vertical');
  for (const { id, points } of layout.edges) {
    const edge = model.edges.get(id);
    const [from, to] = [boxOf(layout, edge?.from ?? ''), boxOf(layout, edge?.to ?? '')];
    expect(points[0]?.[1]).toBeCloseTo(from.y + from.height);
    expect(points.at(-1)?.[1]).toBeCloseTo(to.y);
    const others = layout.nodes.filter((node) => ![edge?.from, edge?.to].includes(node.id) && node.depth === 0 && !id.includes('/'));
    for (const [x, y] of points) for (const { x: left, y: top, width, height } of others) {
      expect(x > left + 1 && x < left + width - 1 && y > top + 1 && y < top + height - 1).toBe(false);
    }
  }
});

test('what leads back runs beside the states, and so does what leads far', () => {
  const definition = chain(12, {
    s0: { Catch: [{ ErrorEquals: ['X'], Next: 's11' }] },
    s8: { Type: 'Choice', Choices: [{ Next: 's2' }], Default: 's9', Next: undefined },
  });
  const layout = laidOut(definition);
  const right = Math.max(...layout.nodes.map(({ x, width }) => x + width));
  const left = Math.min(...layout.nodes.map(({ x }) => x));
  const xs = (id: RegExp) => layout.edges.find((edge) => id.test(edge.id))?.points.map(([x]) => x) ?? [];
  expect(Math.max(...xs(/^s0>s11>catch/))).toBeGreaterThan(right);
  expect(Math.min(...xs(/^s8>s2>choice/))).toBeLessThan(left);
});

test('no label is cut off', () => {
  const layout = laidOut(riderPhoto);
  const model = modelOf(riderPhoto);
  const labelled = layout.edges.filter(({ label }) => label !== undefined);
  expect(labelled).toHaveLength(2);
  for (const { id, label: [x, y] = [0, 0] } of labelled) {
    const half = labelWidth(model.edges.get(id)?.drawn ?? '') / 2;
    expect(holds({ x: 0, y: 0, ...layout }, { x: x - half, y: y - 9, width: 2 * half, height: 18 })).toBe(true);
  }
});

test('the order of the text changes nothing', () => {
  const { StartAt, States } = chain(8, { s2: { Catch: [{ ErrorEquals: ['X'], Next: 's5' }] } });
  const turned = { StartAt, States: Object.fromEntries(Object.entries(States).reverse()) };
  expect(laidOut(turned)).toEqual(laidOut({ StartAt, States }));
});

test('a change of one state leaves those before it where they were', () => {
  const before = laidOut(chain(8));
  const after = laidOut(chain(8, { s6: { Type: 'Wait', Seconds: 3 } }));
  for (const id of ['s0', 's1', 's2', 's3', 's4', 's5']) expect(boxOf(after, id)).toEqual(boxOf(before, id));
});

test('thousands of states have a picture', () => {
  expect(laidOut(chain(4_000)).nodes).toHaveLength(4_002);
});

test('a state that leads to itself, an empty branch and an empty definition have one too', () => {
  const layout = laidOut({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'A' }, B: { Type: 'Parallel', Branches: [{}] } } });
  expect(layout.edges.flatMap(({ points }) => points).flat().every(Number.isFinite)).toBe(true);
  const empty = laidOut({});
  expect(empty.width).toBeGreaterThan(0);
});

test('states may be named as what every object has', () => {
  const names = ['__proto__', 'constructor', 'toString'];
  // As text: in a literal `__proto__` is no member.
  const states = names.map((name, at) => `"${name}": {"Type": "Pass", ${at === 2 ? '"End": true' : `"Next": "${names[at + 1] ?? ''}"`}}`);
  const layout = laidOut(JSON.parse(`{"StartAt": "${names[0] ?? ''}", "States": {${states.join()}}}`));
  const boxes = names.map((name) => boxOf(layout, name));
  expect(boxes.map(({ y }) => y)).toEqual(boxes.map(({ y }) => y).sort((a, b) => a - b));
  expect(layout.edges).toHaveLength(4);
});
