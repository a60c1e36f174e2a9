import { wayOf } from '../graph/ways';
import type { Model, Run, Scope } from './model';
import { type Picked, visibleRuns } from './statuses';

/** The ways that were taken in the chosen iterations, from each visit to the next of the same workflow. */
export function waysOf(model: Model, picked: Picked): Set<string> {
  const taken = new Set<string>();
  const lasts = new Map<Scope, Run>();
  for (const run of visibleRuns(model, picked)) {
    const before = lasts.get(run.scope);
    lasts.set(run.scope, run);
    // What failed and is entered again was redriven: that is no way.
    if (before === undefined || before.status === 'succeeded' || before.status === 'caught') {
      taken.add(wayOf(before?.path, run.path, before?.status === 'caught' ? 'caught' : 'on'));
    }
  }
  for (const { path, status } of lasts.values()) if (status === 'succeeded') taken.add(wayOf(path, undefined, 'on'));
  return taken;
}
