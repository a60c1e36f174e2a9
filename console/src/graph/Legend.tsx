import { StatusIcon } from './icons';
import { STATUS_NAMES, STATUS_TITLES, type StateStatus } from './status';

/** Those always shown; the rest when they occur. */
const USUAL = new Set(['in-progress', 'failed', 'caught', 'aborted', 'succeeded']);

export function Legend({ statuses, hasWays }: { statuses: ReadonlyMap<string, StateStatus>; hasWays: boolean }) {
  const met = new Set([...statuses.values()].map(({ status }) => status));
  return (
    <ul className="cg-legend" aria-label="Status legend">
      {STATUS_NAMES.filter((status) => USUAL.has(status) || met.has(status)).map((status) => (
        <li key={status}>
          <svg width={20} height={20} viewBox="-2 -2 20 20" aria-hidden="true"><StatusIcon status={status} x={0} y={0} /></svg>
          {STATUS_TITLES[status]}
        </li>
      ))}
      {hasWays ? (
        <li>
          <svg width={24} height={20} viewBox="0 0 24 20" aria-hidden="true">
            <g className="cg-edge" data-way="taken"><path d="M1 10H16" /><polygon points="23,10 14,5.5 14,14.5" /></g>
          </svg>
          Way taken
        </li>
      ) : null}
    </ul>
  );
}
