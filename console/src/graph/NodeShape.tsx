import { memo } from 'react';
import { StatusIcon, TypeIcon } from './icons';
import type { Placed } from './layout';
import { fit, HEADER, LABEL_USUAL, nameRoom } from './measure';
import type { GraphNode } from './model';
import type { StateDiagnostics } from './props';
import { progressText, STATUS_TITLES, type StateStatus } from './status';

export interface NodeShapeProps {
  node: GraphNode;
  box: Placed;
  selected: boolean;
  /** Whether Tab comes here. */
  current: boolean;
  status: StateStatus | undefined;
  diagnostics: StateDiagnostics | undefined;
  interactive: boolean;
}

export const NodeShape = memo(function NodeShape(props: NodeShapeProps) {
  const { node, box } = props;
  if (node.kind === 'start' || node.kind === 'end') return <Terminal node={node} box={box} />;
  if (node.kind === 'missing') return <Missing node={node} box={box} />;
  const { selected, current, status, interactive } = props;
  const focus = interactive ? { role: 'button', tabIndex: current ? 0 : -1, 'aria-pressed': selected } : { role: 'img' };
  const transform = `translate(${box.x},${box.y})`;
  return (
    <>
      <g
        {...focus}
        className="cg-node"
        data-path={node.id}
        data-status={status?.status}
        data-selected={selected || undefined}
        data-unreachable={!node.reachable || undefined}
        data-compound={node.workflows.length > 0 || undefined}
        aria-label={describe(props)}
        transform={transform}
      >
        <title>{describe(props)}</title>
        <rect className="cg-focus" x={-5} y={-5} width={box.width + 10} height={box.height + 10} rx={11} />
        <rect className="cg-box" width={box.width} height={box.height} rx={8} />
      </g>
      {/* Shortened texts and signs are no part of the node's name, which says all of it. */}
      <g className="cg-words" data-unreachable={!node.reachable || undefined} aria-hidden="true" transform={transform}>
        <Texts node={node} box={box} />
        <Badges {...props} />
      </g>
    </>
  );
});

function Texts({ node, box }: { node: GraphNode; box: Placed }) {
  const height = node.workflows.length > 0 ? HEADER : box.height;
  const one = node.detail === undefined || node.workflows.length > 0;
  const beside = node.workflows.length > 0 && node.detail !== undefined ? ` · ${node.detail}` : '';
  return (
    <>
      <TypeIcon type={node.type} x={12} y={height / 2 - 8} />
      <text className="cg-name" x={38} y={one ? height / 2 + 4.5 : height / 2 - 3}>
        {fit(node.name + beside, nameRoom(node, box.width))}
      </text>
      {!one && (
        <text className="cg-detail" x={38} y={height / 2 + 14}>
          {fit(node.detail ?? '', nameRoom(node, box.width), LABEL_USUAL)}
        </text>
      )}
    </>
  );
}

function Badges({ node, box, status, diagnostics }: NodeShapeProps) {
  const found = (diagnostics?.errors ?? 0) + (diagnostics?.warnings ?? 0);
  const retries = status?.retries ?? 0;
  const notes = [
    status?.iterations && progressText(status.iterations),
    status?.entered !== undefined && status.entered > 1 ? `×${status.entered}` : undefined,
    retries > 0 ? `↻ ${retries}` : undefined,
  ].filter((note) => note !== undefined);
  const right = box.width - 14;
  return (
    <>
      {status !== undefined && <StatusIcon status={status.status} x={right - 2} y={-8} />}
      {notes.length > 0 && <Badge kind="note" text={notes.join(' · ')} x={right - (status === undefined ? 0 : 20)} y={0} />}
      {found > 0 && <Badge kind={diagnostics?.errors ? 'error' : 'warning'} text={String(found)} x={24} y={0} />}
      {status === undefined && node.retries && <path className="cg-retries" transform={`translate(${right - 8},12)`} d="M8 4a4 4 0 1 1-1.4-3 M6.8-1.2v2.4H4.4" />}
    </>
  );
}

/** A pill whose right end is at x. */
function Badge({ kind, text, x, y }: { kind: string; text: string; x: number; y: number }) {
  const width = Math.max(18, text.length * 6.4 + 10);
  return (
    <g className="cg-badge" data-kind={kind} transform={`translate(${x - width},${y - 9})`}>
      <rect width={width} height={18} rx={9} />
      <text x={width / 2} y={12.8}>{text}</text>
    </g>
  );
}

function Terminal({ node, box }: { node: GraphNode; box: Placed }) {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  if (node.workflow !== '') return <circle className="cg-terminal" data-kind={node.kind} cx={x} cy={y} r={box.width / 2 - 1} />;
  return (
    <g className="cg-terminal" data-kind={node.kind}>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={box.height / 2} />
      <text x={x} y={y + 4.5}>{node.name}</text>
    </g>
  );
}

function Missing({ node, box }: { node: GraphNode; box: Placed }) {
  const name = node.name === '' ? 'No name' : node.name;
  return (
    <g className="cg-missing" role="img" aria-label={`There is no state ${name}`} transform={`translate(${box.x},${box.y})`}>
      <title>{`There is no state "${node.name}"`}</title>
      <rect width={box.width} height={box.height} rx={8} />
      <TypeIcon type="" x={12} y={box.height / 2 - 8} />
      <text className="cg-name" x={38} y={box.height / 2 + 4.5}>{fit(name, nameRoom(node, box.width))}</text>
    </g>
  );
}

/** The node in words. */
function describe({ node, status, diagnostics }: NodeShapeProps): string {
  return [
    node.name,
    node.type === '' ? 'no type' : node.type,
    node.detail,
    status && STATUS_TITLES[status.status],
    status?.retries ? `${status.retries} ${status.retries === 1 ? 'retry' : 'retries'}` : undefined,
    status?.iterations && progressText(status.iterations),
    node.reachable ? undefined : 'nothing leads here',
    ...(diagnostics?.messages ?? []),
  ].filter(Boolean).join(', ');
}
