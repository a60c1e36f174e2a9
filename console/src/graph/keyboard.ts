import type { Layout, Placed } from './layout';
import type { GraphModel } from './model';

export type Direction = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

const AXES: Record<Direction, [x: number, y: number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

export const isDirection = (key: string): key is Direction => key in AXES;

/** The nearest state in a direction; ways to the side count double. */
export function neighbour(model: GraphModel, layout: Layout, from: string, key: Direction): string | undefined {
  const states = layout.nodes.filter(({ id }) => model.nodes.get(id)?.kind === 'state');
  const here = states.find(({ id }) => id === from);
  if (here === undefined) return states[0]?.id;
  const [ax, ay] = AXES[key];
  let best: { id: string; cost: number } | undefined;
  for (const other of states) {
    const [dx, dy] = [anchor(other)[0] - anchor(here)[0], anchor(other)[1] - anchor(here)[1]];
    const ahead = dx * ax + dy * ay;
    if (ahead <= 1) continue;
    const cost = ahead + 2 * Math.abs(dx * ay + dy * ax);
    if (best === undefined || cost < best.cost) best = { id: other.id, cost };
  }
  return best?.id;
}

/** The middle of a state's name line: a state with states inside is met at its top. */
const anchor = ({ x, y, width }: Placed): [number, number] => [x + width / 2, y + 20];
