import type { Box } from './layout';
import type { GraphEdge } from './model';
import type { Point, Span } from './route';

const LANE = 16;
const FIRST_LANE = 20;
/** How deep into the gap between two ranks a way turns. */
const TURN = 30;

/** An edge and its ends, in the turned world where the flow runs down. */
export interface Laned {
  edge: GraphEdge;
  from: Box;
  to: Box;
  back: boolean;
}

/**
 * Ways beside the nodes: out below, along a lane, in from above. Ways to one node share a lane; forward ones run at the
 * right, those that lead back at the left.
 */
export function lanes(edges: Laned[], span: (box: Box) => Span, left: number, right: number): Map<string, Point[]> {
  const ways = new Map<string, Point[]>();
  for (const back of [false, true]) {
    const groups = grouped(edges.filter((laned) => laned.back === back), span);
    const ends: number[] = [];
    for (const group of groups) {
      const free = ends.findIndex((bottom) => bottom < group.top);
      const lane = free === -1 ? ends.length : free;
      ends[lane] = group.bottom;
      const x = back ? left - FIRST_LANE - lane * LANE : right + FIRST_LANE + lane * LANE;
      for (const laned of group.edges) ways.set(laned.edge.id, way(laned, span, x));
    }
  }
  return ways;
}

interface Group extends Span {
  edges: Laned[];
}

/** The edges by the node they lead to, those that begin highest first. */
function grouped(edges: Laned[], span: (box: Box) => Span): Group[] {
  const groups = new Map<string, Group>();
  for (const laned of edges) {
    const [a, b] = [span(laned.from).bottom, span(laned.to).top];
    const group = groups.get(laned.edge.to) ?? { edges: [], top: Infinity, bottom: -Infinity };
    group.edges.push(laned);
    group.top = Math.min(group.top, a, b);
    group.bottom = Math.max(group.bottom, a, b);
    groups.set(laned.edge.to, group);
  }
  return [...groups.values()].sort((a, b) => a.bottom - a.top - (b.bottom - b.top) || a.top - b.top);
}

function way({ from, to, back }: Laned, span: (box: Box) => Span, x: number): Point[] {
  const [out, into] = [span(from).bottom, span(to).top];
  const side = back ? -1 : 1;
  const leaves = from.x + from.width / 2 + (side * from.width) / 4;
  const meets = to.x + to.width / 2 + (side * to.width) / 4;
  return [
    [leaves, from.y + from.height],
    [leaves, out],
    [x, out + TURN],
    [x, into - TURN],
    [meets, into],
    [meets, to.y],
  ];
}
