/** What decides whether a column has room. */
interface Sized {
  /** A track of CSS grid: `minmax(200px, 1fr)`. */
  readonly width: string;
  /** It goes where there is no room for all, the highest first. */
  readonly spare?: number;
}

/** As in the style sheet: between columns, and at both ends of a row. */
const GAP_PX = 12;

/** The least that columns take, in pixels: each row is a grid of its own, and all must be as wide. */
export function leastWidth(columns: readonly Sized[]): number {
  return columns.reduce((sum, { width }) => sum + GAP_PX + parseFloat(width.replace('minmax(', '')), GAP_PX);
}

/** Those for which there is room, without those that can be spared; all where the room is not known. */
export function fitting<Column extends Sized>(columns: readonly Column[], room: number | undefined): readonly Column[] {
  if (room === undefined || leastWidth(columns) <= room) return columns;
  const most = Math.max(...columns.map(({ spare = 0 }) => spare));
  return most === 0 ? columns : fitting(columns.filter(({ spare = 0 }) => spare !== most), room);
}
