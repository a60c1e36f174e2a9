import { HEADER, labelWidth, sizeOf, type Size } from './measure';
import type { GraphModel, GraphNode, Workflow } from './model';
import { placed as placedIn } from './place';
import type { Point } from './route';

export type Orientation = 'vertical' | 'horizontal';

/** Left and top with size, in the units of the picture: one is a CSS pixel at zoom 1. */
export interface Box extends Size {
  x: number;
  y: number;
}

export interface Placed extends Box {
  id: string;
  /** How many states are around it. */
  depth: number;
}

export interface PlacedEdge {
  id: string;
  /** From border to border; between two points the way runs as `pathOf` draws it. */
  points: Point[];
  /** The middle of the label. */
  label: Point | undefined;
}

export interface Layout extends Size {
  orientation: Orientation;
  /** Outer ones before inner ones. */
  nodes: Placed[];
  /** The frames of branches and processors. */
  workflows: Placed[];
  edges: PlacedEdge[];
}

const MARGIN = 24;
const PADDING = 14;
const BRANCH_GAP = 14;
const BRANCH_PADDING = 12;
/** A branch without states has room for one to be dropped. */
const WORKFLOW_WIDTH_MIN = 90;

/** Places everything; pure, and the same for the same flow whatever the order of the states in the text. */
export function layoutOf(model: GraphModel, orientation: Orientation): Layout {
  const inside = plan(model.root, orientation);
  const layout: Layout = {
    orientation,
    width: inside.width + 2 * MARGIN,
    height: inside.height + 2 * MARGIN,
    nodes: [],
    workflows: [],
    edges: [],
  };
  place(layout, inside, MARGIN, MARGIN, 0);
  return layout;
}

/** A workflow with places relative to its own corner. */
interface Plan extends Size {
  id: string;
  nodes: { id: string; box: Box; inner: { plan: Plan; at: Point }[] }[];
  edges: PlacedEdge[];
}

function plan(workflow: Workflow, orientation: Orientation): Plan {
  const inners = new Map(workflow.nodes.map((node) => [node.id, inner(node, orientation)]));
  const sizes = new Map(workflow.nodes.map((node) => [node.id, inners.get(node.id)?.size ?? sizeOf(node)]));
  const { boxes, edges } = placedIn(workflow, sizes, orientation);
  const nodes = [...boxes].map(([id, box]) => ({ id, box, inner: inners.get(id)?.parts ?? [] }));
  const labels = new Map(workflow.edges.flatMap(({ id, drawn }) => (drawn === undefined ? [] : [[id, labelWidth(drawn)] as const])));
  return cropped(workflow.id, nodes, edges, labels);
}

type Inner = { size: Size; parts: { plan: Plan; at: Point }[] };

/** What is inside a state, side by side across the flow. */
function inner(node: GraphNode, orientation: Orientation): Inner | undefined {
  if (node.workflows.length === 0) return undefined;
  const least = sizeOf(node);
  const plans = node.workflows.map((workflow) => plan(workflow, orientation));
  const across = orientation === 'vertical';
  let offset = PADDING;
  const parts = plans.map((inside) => {
    const at: Point = across ? [offset, HEADER] : [PADDING, HEADER - PADDING + offset];
    offset += (across ? inside.width : inside.height) + 2 * BRANCH_PADDING + BRANCH_GAP;
    return { plan: inside, at };
  });
  const ends = parts.map(({ plan: inside, at }) => [
    at[0] + inside.width + 2 * BRANCH_PADDING,
    at[1] + inside.height + 2 * BRANCH_PADDING,
  ]);
  const width = Math.max(least.width, ...ends.map(([x = 0]) => x + PADDING));
  return { size: { width, height: Math.max(...ends.map(([, y = 0]) => y + PADDING)) }, parts };
}

/** Moved so that everything is at or right of and below the corner. */
function cropped(id: string, nodes: Plan['nodes'], edges: PlacedEdge[], labels: ReadonlyMap<string, number>): Plan {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const reach = (x0: number, y0: number, x1: number, y1: number) => {
    [left, top, right, bottom] = [Math.min(left, x0), Math.min(top, y0), Math.max(right, x1), Math.max(bottom, y1)];
  };
  for (const { box } of nodes) reach(box.x, box.y, box.x + box.width, box.y + box.height);
  for (const { id: edge, points, label } of edges) {
    for (const [x, y] of points) reach(x, y, x, y);
    const half = (labels.get(edge) ?? 0) / 2;
    if (label !== undefined) reach(label[0] - half, label[1] - 10, label[0] + half, label[1] + 10);
  }
  const spare = id === '' ? 0 : Math.max(0, WORKFLOW_WIDTH_MIN - (right - left));
  [left, right] = [left - spare / 2, right + spare / 2];
  for (const { box } of nodes) [box.x, box.y] = [box.x - left, box.y - top];
  const moved = ([x, y]: Point): Point => [x - left, y - top];
  const ways = edges.map((edge) => ({ ...edge, points: edge.points.map(moved), label: edge.label && moved(edge.label) }));
  return { id, nodes, edges: ways, width: right - left, height: bottom - top };
}

function place(layout: Layout, inside: Plan, x: number, y: number, depth: number): void {
  const moved = ([px, py]: Point): Point => [px + x, py + y];
  for (const { id, box, inner: parts } of inside.nodes) {
    const placed = { id, ...box, x: box.x + x, y: box.y + y, depth };
    layout.nodes.push(placed);
    for (const { plan: part, at } of parts) placePart(layout, part, placed.x + at[0], placed.y + at[1], depth + 1);
  }
  for (const edge of inside.edges) {
    layout.edges.push({ ...edge, points: edge.points.map(moved), label: edge.label && moved(edge.label) });
  }
}

function placePart(layout: Layout, part: Plan, x: number, y: number, depth: number): void {
  const [width, height] = [part.width + 2 * BRANCH_PADDING, part.height + 2 * BRANCH_PADDING];
  layout.workflows.push({ id: part.id, x, y, width, height, depth });
  place(layout, part, x + BRANCH_PADDING, y + BRANCH_PADDING, depth);
}
