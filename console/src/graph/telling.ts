import type { Layout } from './layout';
import type { StateStatus, StatusName } from './status';

/** What a person comes for, in this order: what runs, else what the execution ended with. */
const WANTED: readonly ReadonlySet<StatusName>[] = [
  new Set<StatusName>(['in-progress', 'pending-redrive']),
  new Set<StatusName>(['failed', 'timed-out', 'aborted']),
];

/** The state of an execution to be seen first, the innermost; none where all went well. What failed inside a state that caught it did not end it. */
export function telling({ nodes }: Pick<Layout, 'nodes'>, statuses: ReadonlyMap<string, StateStatus>): string | undefined {
  for (const wanted of WANTED) {
    const met = nodes.filter(({ id }) => {
      const status = statuses.get(id)?.status;
      return status !== undefined && wanted.has(status);
    });
    const outer = met.find(({ depth }) => depth === 0);
    if (outer === undefined) continue;
    const inside = met.filter(({ id }) => id === outer.id || id.startsWith(`${outer.id}/`));
    return inside.reduce((deepest, one) => (one.depth > deepest.depth ? one : deepest)).id;
  }
  return undefined;
}
