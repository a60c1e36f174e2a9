import type { StatusName } from './status';

/** Strokes in a box of 16 by 16, our own. */
const TYPES: Record<string, string> = {
  Task: 'M2.5 4.5h11v7h-11z M5.5 8l1.8 1.8L11 6.2',
  Pass: 'M2 8h11 M9.5 4.5L13 8l-3.5 3.5',
  Choice: 'M8 2l6 6-6 6-6-6z M8 5.8v3 M8 10.4v.4',
  Wait: 'M8 2a6 6 0 1 0 .01 0z M8 5v3.4l2.4 1.4',
  Succeed: 'M8 2a6 6 0 1 0 .01 0z M5.2 8.2l2 2 3.6-4',
  Fail: 'M8 2a6 6 0 1 0 .01 0z M5.8 5.8l4.4 4.4 M10.2 5.8l-4.4 4.4',
  Parallel: 'M4 3v10 M8 3v10 M12 3v10',
  Map: 'M3 4h3v3H3z M10 4h3v3h-3z M3 10h3v3H3z M10 10h3v3h-3z',
  '': 'M8 2a6 6 0 1 0 .01 0z M6.3 6.3a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.9.7-.9 1.3 M8 11v.3',
};

const STATUSES: Record<StatusName, string> = {
  'in-progress': 'M8 3a5 5 0 1 1-5 5',
  succeeded: 'M4 8.4l2.8 2.8L12 5.4',
  failed: 'M4.8 4.8l6.4 6.4 M11.2 4.8l-6.4 6.4',
  caught: 'M8 3.6v5.2 M8 11.6v.4',
  aborted: 'M4.2 8h7.6',
  'timed-out': 'M8 3.8V8l3 2.2',
  'pending-redrive': 'M12 8a4 4 0 1 1-1.4-3 M10.8 2.8v2.4H8.4',
};

interface IconProps {
  x: number;
  y: number;
}

export function TypeIcon({ type, x, y }: IconProps & { type: string }) {
  return <path className="cg-type-icon" data-type={type} transform={`translate(${x},${y})`} d={TYPES[type] ?? TYPES['']} />;
}

/** A disc with a sign, so that the colour is not all that tells. */
export function StatusIcon({ status, x, y }: IconProps & { status: StatusName }) {
  return (
    <g className="cg-status-icon" data-status={status} transform={`translate(${x},${y})`}>
      <circle cx={8} cy={8} r={9} />
      <path d={STATUSES[status]} />
    </g>
  );
}
