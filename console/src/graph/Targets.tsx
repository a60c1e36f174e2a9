import type { DragEvent } from 'react';
import type { Layout } from './layout';
import type { GraphEdge, GraphModel, GraphNode } from './model';
import type { DropTarget } from './props';
import { along, type Point } from './route';

interface TargetsProps {
  model: GraphModel;
  layout: Layout;
  onDrop: (target: DropTarget) => void;
}

/** A round target on every edge, and behind every state that leads nowhere. */
export function Targets({ model, layout, onDrop }: TargetsProps) {
  return (
    <g className="cg-targets">
      {targetsOf(model, layout).map(({ key, target, at }) => (
        <g
          key={key}
          className="cg-target"
          data-target={key}
          transform={`translate(${at[0]},${at[1]})`}
          onDragOver={(event: DragEvent) => event.preventDefault()}
          onDragEnter={(event: DragEvent<SVGGElement>) => event.currentTarget.setAttribute('data-over', '')}
          onDragLeave={(event: DragEvent<SVGGElement>) => event.currentTarget.removeAttribute('data-over')}
          onDrop={(event: DragEvent) => { event.preventDefault(); onDrop(target); }}
        >
          <title>{titleOf(target, model)}</title>
          <circle className="cg-target-room" r={24} />
          <circle className="cg-target-disc" r={11} />
          <path d="M-5 0h10 M0-5v10" />
        </g>
      ))}
    </g>
  );
}

interface PlacedTarget {
  key: string;
  target: DropTarget;
  at: Point;
}

export function targetsOf(model: GraphModel, layout: Layout): PlacedTarget[] {
  const edges = layout.edges.flatMap(({ id, points }): PlacedTarget[] => {
    const edge = model.edges.get(id);
    if (edge === undefined || !isWay(edge, model)) return [];
    return [{ key: id, target: { kind: 'edge', edge }, at: along(points, edge.label === undefined ? 0.5 : BEHIND_LABEL) }];
  });
  const leading = new Set([...model.edges.values()].filter(({ kind }) => kind === 'next' || kind === 'end').map(({ from }) => from));
  const loose = layout.nodes.flatMap(({ id, x, y, width, height }): PlacedTarget[] => {
    const node = model.nodes.get(id);
    if (node === undefined || !goesOn(node) || leading.has(id)) return [];
    const at: Point = layout.orientation === 'vertical' ? [x + width / 2, y + height + 16] : [x + width + 16, y + height / 2];
    return [{ key: `${id}#after`, target: { kind: 'after', path: id }, at }];
  });
  return [...edges, ...loose];
}

const BEHIND_LABEL = 0.82;

/** What ends an execution leads to the end whatever its text says. */
const isWay = (edge: GraphEdge, model: GraphModel) =>
  edge.kind !== 'end' || !['Succeed', 'Fail'].includes(model.nodes.get(edge.from)?.type ?? '');

const goesOn = ({ kind, type }: GraphNode) => kind === 'state' && type !== 'Choice' && type !== 'Succeed' && type !== 'Fail';

function titleOf(target: DropTarget, model: GraphModel): string {
  if (target.kind === 'after') return `Insert after ${model.nodes.get(target.path)?.name ?? target.path}`;
  const name = (id: string) => model.nodes.get(id)?.name ?? id;
  return `Insert between ${name(target.edge.from)} and ${name(target.edge.to)}${ofEdge(target.edge)}`;
}

const ofEdge = (edge: GraphEdge) => (edge.label === undefined ? '' : ` (${edge.label})`);
