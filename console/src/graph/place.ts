import { Graph, layout as dagre } from '@dagrejs/dagre';
import { lanes } from './lanes';
import type { Box, Orientation } from './layout';
import { labelWidth, type Size } from './measure';
import type { GraphEdge, Workflow } from './model';
import { lanedEdges, ranksOf, type Ranks } from './ranks';
import { Bands, flipped, flippedBox, route, type Point } from './route';

/** Where the nodes and edges of one workflow are; its corner is anywhere. */
export interface Places {
  boxes: Map<string, Box>;
  edges: { id: string; points: Point[]; label: Point | undefined }[];
}

const NODE_GAP = 32;
const RANK_GAP = 44;

/**
 * In a workflow of more nodes than these the ranks are the longest ways instead of the best ones, and above the second
 * number nodes stand in rows: network simplex and the ordering of dagre grow faster than the graph (`bench.test.ts`).
 */
const SIMPLEX_NODES_MAX = 150;
const DAGRE_NODES_MAX = 600;

export function placed(workflow: Workflow, sizes: Map<string, Size>, orientation: Orientation): Places {
  const ranks = ranksOf(workflow);
  const many = workflow.nodes.length > DAGRE_NODES_MAX;
  const laned = lanedEdges(workflow, ranks, many ? 1 : undefined);
  const near = workflow.edges.filter((edge) => !laned.has(edge.id));
  const places = many ? rows(workflow, near, sizes, ranks, orientation) : layered(workflow, near, sizes, orientation);
  addLanes(places, workflow.edges.filter((edge) => laned.has(edge.id)), ranks, orientation);
  return places;
}

/** dagre keeps its nodes in plain objects, where a state named `__proto__` would be something else. */
const named = (id: string) => `:${id}`;

function layered(workflow: Workflow, edges: GraphEdge[], sizes: Map<string, Size>, orientation: Orientation): Places {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: orientation === 'vertical' ? 'TB' : 'LR',
    nodesep: NODE_GAP,
    edgesep: 18,
    ranksep: RANK_GAP,
    ranker: workflow.nodes.length > SIMPLEX_NODES_MAX ? 'longest-path' : 'network-simplex',
  });
  for (const node of workflow.nodes) graph.setNode(named(node.id), { ...sizes.get(node.id) });
  for (const edge of edges) graph.setEdge(named(edge.from), named(edge.to), config(edge), edge.id);
  dagre(graph);
  const boxes = new Map(workflow.nodes.map(({ id }) => {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(named(id)) as Partial<Box>;
    return [id, { x: x - width / 2, y: y - height / 2, width, height }];
  }));
  return routed(boxes, edges, orientation, (edge) => graph.edge(named(edge.from), named(edge.to), edge.id) as Way);
}

interface Way {
  points?: { x: number; y: number }[];
  x?: number;
  y?: number;
}

const config = (edge: GraphEdge) => ({
  ...(edge.drawn === undefined ? { width: 0, height: 0 } : { width: labelWidth(edge.drawn), height: 20 }),
  labelpos: 'c',
  // The way that things should go is kept straight.
  weight: edge.kind === 'next' || edge.kind === 'start' ? 3 : 1,
});

/** Rank below rank, each in the order in which the flow meets its nodes. */
function rows(workflow: Workflow, edges: GraphEdge[], sizes: Map<string, Size>, { rank }: Ranks, orientation: Orientation): Places {
  const turned = new Map<string, Box>();
  const byRank = new Map<number, string[]>();
  for (const { id } of workflow.nodes) {
    const ids = byRank.get(rank.get(id) ?? 0);
    if (ids === undefined) byRank.set(rank.get(id) ?? 0, [id]);
    else ids.push(id);
  }
  let top = 0;
  for (const [, ids] of [...byRank].sort(([a], [b]) => a - b)) {
    const boxes = ids.map((id) => flippedBox({ x: 0, y: 0, ...(sizes.get(id) ?? { width: 0, height: 0 }) }, orientation));
    const height = Math.max(...boxes.map((box) => box.height));
    let x = -(boxes.reduce((sum, box) => sum + box.width + NODE_GAP, -NODE_GAP) / 2);
    boxes.forEach((box, at) => {
      turned.set(ids[at] ?? '', { ...box, x, y: top + (height - box.height) / 2 });
      x += box.width + NODE_GAP;
    });
    top += height + 2 * RANK_GAP;
  }
  const boxes = new Map([...turned].map(([id, box]) => [id, flippedBox(box, orientation)]));
  return routed(boxes, edges, orientation, (edge) => straight(boxes.get(edge.from), boxes.get(edge.to)));
}

function straight(from?: Box, to?: Box): Way {
  const points = [from, to].flatMap((box) => (box === undefined ? [] : [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }]));
  const [x, y] = [points.reduce((sum, point) => sum + point.x / 2, 0), points.reduce((sum, point) => sum + point.y / 2, 0)];
  return { points, x, y };
}

function routed(boxes: Map<string, Box>, edges: GraphEdge[], orientation: Orientation, wayOf: (edge: GraphEdge) => Way): Places {
  const turned = new Map([...boxes].map(([id, box]) => [id, flippedBox(box, orientation)]));
  const bands = new Bands(turned.values());
  const ways = edges.flatMap((edge) => {
    const { points = [], x, y } = wayOf(edge);
    const [from, to] = [turned.get(edge.from), turned.get(edge.to)];
    if (from === undefined || to === undefined) return [];
    const way = points.map((point) => flipped([point.x, point.y], orientation));
    const label: Point | undefined = edge.label === undefined || x === undefined || y === undefined ? undefined : [x, y];
    return { id: edge.id, points: route(way, from, to, bands).map((point) => flipped(point, orientation)), label };
  });
  return { boxes, edges: ways };
}

function addLanes(places: Places, edges: GraphEdge[], { back }: Ranks, orientation: Orientation): void {
  if (edges.length === 0) return;
  const turned = new Map([...places.boxes].map(([id, box]) => [id, flippedBox(box, orientation)]));
  const bands = new Bands(turned.values());
  const [left, right] = reach(turned.values(), places.edges.flatMap((edge) => edge.points.map((point) => flipped(point, orientation)[0])));
  const laned = edges.flatMap((edge) => {
    const [from, to] = [turned.get(edge.from), turned.get(edge.to)];
    return from === undefined || to === undefined ? [] : [{ edge, from, to, back: back.has(edge.id) }];
  });
  const ways = lanes(laned, bands.of, left, right);
  for (const edge of edges) {
    const way = ways.get(edge.id);
    if (way === undefined) continue;
    const label = edge.label === undefined ? undefined : flipped(beside(way), orientation);
    places.edges.push({ id: edge.id, points: way.map((point) => flipped(point, orientation)), label });
  }
}

/** Where the label of a laned edge stands: a little below where it leaves. */
const beside = (way: Point[]): Point => {
  const [x, y] = way[1] ?? [0, 0];
  return [x + Math.sign((way[2]?.[0] ?? x) - x) * 40, y + 15];
};

function reach(boxes: Iterable<Box>, xs: number[]): [number, number] {
  let [left, right] = [Infinity, -Infinity];
  for (const { x, width } of boxes) [left, right] = [Math.min(left, x), Math.max(right, x + width)];
  for (const x of xs) [left, right] = [Math.min(left, x), Math.max(right, x)];
  return [left, right];
}
