import type { Box, Orientation } from './layout';

export type Point = [x: number, y: number];

/** From and to along the flow. */
export interface Span {
  top: number;
  bottom: number;
}

/** How far from a corner an edge may leave or meet a node. */
const CORNER = 14;

/** The world in which the flow runs down: x and y change places when it runs right. */
export const flipped = ([x, y]: Point, orientation: Orientation): Point => (orientation === 'vertical' ? [x, y] : [y, x]);

export const flippedBox = (box: Box, orientation: Orientation): Box =>
  orientation === 'vertical' ? box : { x: box.y, y: box.x, width: box.height, height: box.width };

/** Where each rank is: dagre centres the nodes of a rank. */
export class Bands {
  private readonly spans = new Map<number, Span>();

  constructor(boxes: Iterable<Box>) {
    for (const box of boxes) {
      const key = Math.round(middle(box));
      const span = this.at(key);
      const top = Math.min(box.y, span?.top ?? Infinity);
      this.spans.set(key, { top, bottom: Math.max(box.y + box.height, span?.bottom ?? -Infinity) });
    }
  }

  at(y: number): Span | undefined {
    const key = Math.round(y);
    return this.spans.get(key) ?? this.spans.get(key - 1) ?? this.spans.get(key + 1);
  }

  of = (box: Box): Span => this.at(middle(box)) ?? { top: box.y, bottom: box.y + box.height };
}

const middle = (box: Box) => box.y + box.height / 2;

/**
 * The way of an edge from border to border, past the nodes between, where the flow runs down.
 *
 * dagre gives one point in each rank that is crossed, in the rank's middle. A node in that rank may be much taller than
 * others, a Map with its states inside, so a straight line to the next rank would cut its corner: the way is made to run
 * straight through the whole rank, and to turn only between ranks.
 */
export function route(way: Point[], from: Box, to: Box, bands: Bands): Point[] {
  if (way.length === 0 || from === to) return way;
  const inner = way.slice(1, -1).flatMap(([x, y]): Point[] => {
    const rank = bands.at(y);
    return rank === undefined ? [[x, y]] : [[x, rank.top], [x, rank.bottom]];
  });
  const start = border(way[0] ?? [0, 0], from, true);
  const end = border(way.at(-1) ?? [0, 0], to, false);
  return [start, [start[0], bands.of(from).bottom], ...inner, [end[0], bands.of(to).top], end];
}

function border([x]: Point, box: Box, bottom: boolean): Point {
  const centre = box.x + box.width / 2;
  const room = Math.max(0, box.width / 2 - CORNER);
  return [Math.min(centre + room, Math.max(centre - room, x)), bottom ? box.y + box.height : box.y];
}

/** The SVG path through the points; it leaves and meets each of them along the flow, so it turns only between ranks. */
export function pathOf(points: Point[], orientation: Orientation): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let [x, y] = first;
  let path = `M${round(x)},${round(y)}`;
  for (const [nx, ny] of rest) {
    path += segment([x, y], [nx, ny], orientation);
    [x, y] = [nx, ny];
  }
  return path;
}

function segment([x, y]: Point, [nx, ny]: Point, orientation: Orientation): string {
  const straight = orientation === 'vertical' ? x === nx : y === ny;
  if (straight) return `L${round(nx)},${round(ny)}`;
  const [mx, my] = [(x + nx) / 2, (y + ny) / 2];
  const [a, b]: [Point, Point] = orientation === 'vertical' ? [[x, my], [nx, my]] : [[mx, y], [mx, ny]];
  return `C${round(a[0])},${round(a[1])} ${round(b[0])},${round(b[1])} ${round(nx)},${round(ny)}`;
}

const round = (value: number) => Math.round(value * 10) / 10;

/** The point at a share of the way, where a drop target sits. */
export function along(points: Point[], portion: number): Point {
  const lengths = points.slice(1).map(([x, y], at) => Math.hypot(x - (points[at]?.[0] ?? x), y - (points[at]?.[1] ?? y)));
  let left = lengths.reduce((sum, length) => sum + length, 0) * portion;
  for (const [at, length] of lengths.entries()) {
    const [from, to] = [points[at], points[at + 1]];
    if (from === undefined || to === undefined) break;
    const share = length === 0 ? 0 : left / length;
    if (left <= length) return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
    left -= length;
  }
  return points[0] ?? [0, 0];
}
