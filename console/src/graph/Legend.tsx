import { StatusIcon } from './icons';
import { STATUS_NAMES, STATUS_TITLES, type StateStatus } from './status';

/** Those always shown; the rest when they occur. */
const USUAL = new Set(['in-progress', 'failed', 'caught', 'aborted', 'succeeded']);

export function Legend({ statuses }: { statuses: ReadonlyMap<string, StateStatus> }) {
  const met = new Set([...statuses.values()].map(({ status }) => status));
  return (
    <ul className="cg-legend" aria-label="Status legend">
      {STATUS_NAMES.filter((status) => USUAL.has(status) || met.has(status)).map((status) => (
        <li key={status}>
          <svg width={20} height={20} viewBox="-2 -2 20 20" aria-hidden="true"><StatusIcon status={status} x={0} y={0} /></svg>
          {STATUS_TITLES[status]}
        </li>
      ))}
    </ul>
  );
}
