import { memo, useMemo } from 'react';
import { EdgeLabel, EdgeShape } from './EdgeShape';
import type { Box, Layout, Placed, PlacedEdge } from './layout';
import type { GraphModel } from './model';
import { NodeShape } from './NodeShape';
import type { StateDiagnostics } from './props';
import type { StateStatus } from './status';
import { wayIn } from './wayIn';
import type { Ways } from './ways';

export interface PictureProps {
  model: GraphModel;
  layout: Layout;
  selected?: string | undefined;
  current?: string | undefined;
  statuses?: ReadonlyMap<string, StateStatus> | undefined;
  ways?: Ways | undefined;
  diagnostics?: ReadonlyMap<string, StateDiagnostics> | undefined;
  interactive: boolean;
  /** What is to be drawn; all where absent. */
  visible?: Box | undefined;
}

/** Everything in the units of the layout: frames and nodes from outside in, then edges, then labels. */
export const Picture = memo(function Picture(props: PictureProps) {
  const { model, layout, visible, ways } = props;
  const depths = new Set(layout.nodes.map((node) => node.depth));
  const edges = layout.edges.filter((edge) => visible === undefined || crosses(visible, edge));
  const way = useMemo(() => wayIn(model, ways), [model, ways]);
  // What was taken lies over what was not.
  const withModel = edges.flatMap((placed) => {
    const edge = model.edges.get(placed.id);
    return edge === undefined ? [] : [{ edge, placed, way: way(edge) }];
  }).sort((a, b) => Number(a.way === 'taken') - Number(b.way === 'taken'));
  return (
    <>
      {[...depths].sort((a, b) => a - b).map((depth) => <Level key={depth} depth={depth} {...props} />)}
      {withModel.map(({ edge, placed, way: its }) => <EdgeShape key={edge.id} edge={edge} placed={placed} way={its} orientation={layout.orientation} />)}
      {withModel.map(({ edge, placed, way: its }) => <EdgeLabel key={edge.id} edge={edge} placed={placed} way={its} />)}
    </>
  );
});

function Level({ depth, model, layout, visible, selected, current, statuses, diagnostics, interactive }: PictureProps & { depth: number }) {
  const here = (box: Placed) => box.depth === depth && (visible === undefined || overlaps(visible, box));
  return (
    <>
      {layout.workflows.filter(here).map(({ id, x, y, width, height }) => (
        <rect key={id} className="cg-frame" x={x} y={y} width={width} height={height} rx={6} />
      ))}
      {layout.nodes.filter(here).map((box) => {
        const node = model.nodes.get(box.id);
        if (node === undefined) return null;
        return (
          <NodeShape
            key={box.id} node={node} box={box} interactive={interactive}
            selected={box.id === selected} current={box.id === current}
            status={statuses?.get(box.id)} diagnostics={diagnostics?.get(box.id)}
          />
        );
      })}
    </>
  );
}

const overlaps = (a: Box, b: Box) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function crosses(visible: Box, { points }: PlacedEdge): boolean {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return overlaps(visible, { x, y, width: Math.max(...xs) - x + 1, height: Math.max(...ys) - y + 1 });
}
