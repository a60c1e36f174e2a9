import { memo } from 'react';
import type { Orientation, PlacedEdge } from './layout';
import { labelWidth } from './measure';
import type { GraphEdge } from './model';
import { pathOf } from './route';

interface EdgeShapeProps {
  edge: GraphEdge;
  placed: PlacedEdge;
  orientation: Orientation;
  /** Whether an execution took it, where one is shown that came by. */
  way?: Way | undefined;
}

export type Way = 'taken' | 'not-taken';

export const EdgeShape = memo(function EdgeShape({ edge, placed, orientation, way }: EdgeShapeProps) {
  return (
    <g className="cg-edge" data-kind={edge.kind} data-way={way} aria-hidden="true">
      <path d={pathOf(placed.points, orientation)} />
      <Arrow placed={placed} orientation={orientation} />
    </g>
  );
});

/** Drawn, not a marker: markers take no colour from a class in all browsers. */
function Arrow({ placed, orientation }: Pick<EdgeShapeProps, 'placed' | 'orientation'>) {
  const [x, y] = placed.points.at(-1) ?? [0, 0];
  const before = placed.points.at(-2) ?? [x, y];
  const down = orientation === 'vertical' ? y >= before[1] : x >= before[0];
  const turn = orientation === 'vertical' ? (down ? 90 : -90) : down ? 0 : 180;
  return <polygon points="0,0 -8,-4 -8,4" transform={`translate(${x},${y}) rotate(${turn})`} />;
}

export const EdgeLabel = memo(function EdgeLabel({ edge, placed, way }: Omit<EdgeShapeProps, 'orientation'>) {
  if (edge.drawn === undefined || placed.label === undefined) return null;
  const width = labelWidth(edge.drawn);
  return (
    <g className="cg-label" data-kind={edge.kind} data-way={way} transform={`translate(${placed.label[0]},${placed.label[1]})`}>
      <title>{edge.label}</title>
      <rect x={-width / 2} y={-9} width={width} height={18} rx={4} />
      <text y={4}>{edge.drawn}</text>
    </g>
  );
});
