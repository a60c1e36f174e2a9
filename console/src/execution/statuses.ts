import type { StatePath } from '../graph/path';
import type { StateStatus, StatusName } from '../graph/status';
import { type Model, type Run, retriesOf, type Scope } from './model';

/** Which iteration of a Map is looked at, by the Map's path; all of them where none is named. */
export type Picked = ReadonlyMap<StatePath, number>;

/** What the graph shows at each state: in the chosen iterations, and of several what matters most. */
export function statusesOf(model: Model, picked: Picked): Map<StatePath, StateStatus> {
  const found = new Map<StatePath, StateStatus>();
  const lasts = new Map<StatePath, Map<Scope, Run>>();
  for (const run of visibleRuns(model, picked)) {
    const byScope = lasts.get(run.path) ?? new Map<Scope, Run>();
    byScope.set(run.scope, run);
    lasts.set(run.path, byScope);
    const entered = (found.get(run.path)?.entered ?? 0) + 1;
    found.set(run.path, { status: run.status, entered });
  }
  for (const [path, byScope] of lasts) {
    const runs = [...byScope.values()];
    const retries = runs.reduce((sum, run) => sum + retriesOf(run), 0);
    const iterations = countsOf(runs);
    found.set(path, {
      status: worst(runs.map(({ status }) => status)),
      entered: found.get(path)?.entered ?? 1,
      ...(retries > 0 ? { retries } : {}),
      ...(iterations === undefined ? {} : { iterations }),
    });
  }
  return found;
}

/** Those of the chosen iterations, and of the last attempt of what is around them. */
export function visibleRuns(model: Model, picked: Picked): Run[] {
  const known = new Map<Scope, boolean>();
  const shows = (scope: Scope): boolean => {
    const before = known.get(scope);
    if (before !== undefined) return before;
    const { parent } = scope;
    const wanted = parent === undefined ? undefined : picked.get(parent.path);
    const isShown =
      parent === undefined ||
      (scope.attempt === Math.max(0, parent.attempts.length - 1) &&
        (scope.iteration === undefined || wanted === undefined || wanted === scope.iteration) &&
        shows(parent.scope));
    known.set(scope, isShown);
    return isShown;
  };
  return model.runs.filter((run) => shows(run.scope));
}

/** The visit that a state in the graph stands for: the latest of those that are shown. */
export function runAt(model: Model, path: StatePath, picked: Picked): Run | undefined {
  const runs = visibleRuns(model, picked).filter((run) => run.path === path);
  const status = worst(runs.map((run) => run.status));
  const isOneScope = new Set(runs.map(({ scope }) => scope)).size < 2;
  return isOneScope ? runs.at(-1) : (runs.findLast((run) => run.status === status) ?? runs.at(-1));
}

/** The iterations around a visit, by Map. */
export function iterationsAround(run: Run): Map<StatePath, number> {
  const found = new Map<StatePath, number>();
  for (let { scope } = run; scope.parent !== undefined; { scope } = scope.parent) {
    if (scope.iteration !== undefined) found.set(scope.parent.path, scope.iteration);
  }
  return found;
}

/** Of the last attempt. */
export const iterationsOf = (map: Run): Scope[] =>
  map.scopes.filter((scope) => scope.attempt === Math.max(0, map.attempts.length - 1));

function countsOf(runs: readonly Run[]): StateStatus['iterations'] {
  const maps = runs.filter((run) => run.type === 'Map' && run.length !== undefined && run.mapRunArn === undefined);
  if (maps.length === 0) return undefined;
  const scopes = maps.flatMap(iterationsOf);
  const count = (status: StatusName) => scopes.filter((scope) => scope.status === status).length;
  return {
    total: maps.reduce((sum, map) => sum + (map.length ?? 0), 0),
    succeeded: count('succeeded'),
    failed: count('failed'),
    running: count('in-progress'),
  };
}

const ORDER: readonly StatusName[] = ['in-progress', 'pending-redrive', 'failed', 'timed-out', 'aborted', 'caught', 'succeeded'];

const worst = (statuses: readonly StatusName[]): StatusName => ORDER.find((status) => statuses.includes(status)) ?? 'succeeded';

/** `Each@3|Each/0/Inner@1`, each path percent-encoded: how an address names the chosen iterations. */
export function pickedOf(text: string | undefined): Picked {
  const found = new Map<StatePath, number>();
  for (const part of (text ?? '').split('|')) {
    const at = part.lastIndexOf('@');
    const index = Number(part.slice(at + 1));
    const path = safeDecode(part.slice(0, at));
    if (at > 0 && Number.isInteger(index) && index >= 0 && path !== undefined) found.set(path, index);
  }
  return found;
}

export const pickedText = (picked: Picked): string =>
  [...picked].map(([path, index]) => `${encodeURIComponent(path)}@${index}`).join('|');

function safeDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
