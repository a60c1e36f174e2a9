import type { HistoryEvent } from '../aws/states';
import { asArray, asObject, asText } from '../graph/json';
import { stateIn, workflowIn, type StatePath } from '../graph/path';
import type { StatusName } from '../graph/status';

/** One try of a Task, Parallel or Map. */
export interface Attempt {
  /** The event with which it began. */
  readonly id: number;
  readonly started: number;
  stopped?: number;
  status: StatusName;
  error?: string;
  cause?: string;
  /** What the event of its beginning tells: resource, parameters, timeouts. */
  readonly details: Record<string, unknown>;
  /** What a `.sync` task's service answered first. */
  submitted?: string;
  worker?: string;
}

/** One visit of a state. */
export interface Run {
  /** The event with which it was entered. */
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly path: StatePath;
  readonly scope: Scope;
  readonly entered: number;
  stopped?: number;
  /** The event with which it was left. */
  exitId?: number;
  status: StatusName;
  error?: string;
  cause?: string;
  readonly attempts: Attempt[];
  /** Ids of its own events, without those of states inside it. */
  readonly events: number[];
  /** Branches and iterations, of all attempts. */
  readonly scopes: Scope[];
  /** Items of a Map. */
  length?: number;
  mapRunArn?: string;
}

/** A workflow that ran: the execution itself, a branch, an iteration. */
export interface Scope {
  readonly parent: Run | undefined;
  /** Which branch; 0 for iterations. */
  readonly workflow: number;
  readonly iteration: number | undefined;
  /** Of its parent's attempts. */
  readonly attempt: number;
  readonly started: number;
  stopped?: number;
  status: StatusName;
  readonly runs: Run[];
}

/** Where an event belongs. */
interface Place {
  readonly scope: Scope;
  readonly run?: Run;
  readonly type: string;
}

/** How the execution ended, as its last event tells. */
export interface End {
  readonly status: StatusName;
  readonly at: number;
  readonly error?: string;
  readonly cause?: string;
}

/**
 * What an execution went through, made of its history, event after event in the order of their ids.
 *
 * `previousEventId` says in which branch or iteration an event stands; which branch that is, the definition knows.
 */
export class Model {
  readonly root: Scope;
  readonly runs: Run[] = [];
  readonly events: HistoryEvent[] = [];
  end: End | undefined;
  private readonly places = new Map<number, Place>();
  private readonly branches: ReadonlyMap<StatePath, ReadonlyMap<string, number>>;
  /** Those for which an `…Aborted` event may still come. */
  private readonly open = new Set<Run>();

  constructor(definition?: unknown) {
    this.branches = branchesOf(definition);
    this.root = { parent: undefined, workflow: 0, iteration: undefined, attempt: 0, started: 0, status: 'in-progress', runs: [] };
  }

  /** Events that were there before are passed over, so that pages may overlap. */
  add(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      if (event.id > this.lastId) {
        this.events.push(event);
        this.take(event);
      }
    }
  }

  get lastId(): number {
    return this.events.at(-1)?.id ?? 0;
  }

  event(id: number): HistoryEvent | undefined {
    const guess = this.events[id - 1];
    return guess?.id === id ? guess : this.events.find((event) => event.id === id);
  }

  /** The state that an event is of; none for those of the execution and of iterations. */
  runOf(eventId: number): Run | undefined {
    return this.places.get(eventId)?.run;
  }

  private take(event: HistoryEvent): void {
    const before = this.places.get(event.previousEventId ?? 0) ?? { scope: this.root, type: '' };
    const place = { ...this.read(event, before), type: event.type };
    this.places.set(event.id, place);
    place.run?.events.push(event.id);
  }

  private read(event: HistoryEvent, before: Place): Omit<Place, 'type'> {
    const { type } = event;
    if (type.endsWith('StateEntered')) return this.enter(event, before);
    if (type.endsWith('StateExited')) return this.exit(event, before);
    if (type.startsWith('MapIteration')) return this.iteration(event, before);
    if (type.startsWith('Execution')) return this.execution(event, before);
    if (type.endsWith('StateAborted')) return this.aborted(event, before);
    const container = /^(Map|Parallel)State(Started|Succeeded|Failed)$/.exec(type);
    if (container !== null) return this.container(event, before, container[1] ?? '', container[2] ?? '');
    return this.attempt(event, before);
  }

  private enter(event: HistoryEvent, before: Place): Omit<Place, 'type'> {
    const name = event.stateEnteredEventDetails?.name ?? '';
    const type = event.type.slice(0, -'StateEntered'.length);
    const scope = before.type === 'ParallelStateStarted' && before.run !== undefined ? this.branch(before.run, name, event) : before.scope;
    const path = pathIn(scope, name);
    const run: Run = { id: event.id, name, type, path, scope, entered: event.timestamp, status: 'in-progress', attempts: [], events: [], scopes: [] };
    scope.runs.push(run);
    this.runs.push(run);
    this.open.add(run);
    if (type === 'Fail') settle(run, 'failed', event.timestamp);
    return { scope, run };
  }

  private branch(parallel: Run, name: string, event: HistoryEvent): Scope {
    const attempt = Math.max(0, parallel.attempts.length - 1);
    const begun = parallel.scopes.filter((scope) => scope.attempt === attempt).length;
    const workflow = this.branches.get(parallel.path)?.get(name) ?? begun;
    return openScope(parallel, workflow, undefined, attempt, event.timestamp);
  }

  private exit(event: HistoryEvent, before: Place): Omit<Place, 'type'> {
    const name = event.stateExitedEventDetails?.name;
    const run = climb(before, (one) => one.name === name && one.exitId === undefined);
    if (run === undefined) return before;
    const failed = run.error !== undefined || isFailure(run.attempts.at(-1)?.status);
    run.exitId = event.id;
    settle(run, failed ? 'caught' : 'succeeded', event.timestamp);
    this.closeInside(run, event.timestamp);
    this.open.delete(run);
    return { scope: run.scope, run };
  }

  private iteration(event: HistoryEvent, before: Place): Omit<Place, 'type'> {
    const { name, index } = detailsOf(event);
    const isMap = (run: Run) => run.type === 'Map' && run.name === name && run.exitId === undefined;
    const map = climb(before, isMap) ?? [...this.open].reverse().find(isMap);
    if (map === undefined) return before;
    const at = Number(index);
    const attempt = Math.max(0, map.attempts.length - 1);
    if (event.type === 'MapIterationStarted') return { scope: openScope(map, 0, at, attempt, event.timestamp) };
    const scope = map.scopes.findLast((one) => one.iteration === at) ?? openScope(map, 0, at, attempt, event.timestamp);
    const status = event.type === 'MapIterationSucceeded' ? 'succeeded' : event.type === 'MapIterationFailed' ? 'failed' : 'aborted';
    if (status === 'failed') fail(before, map, event.timestamp);
    this.closeScope(scope, status, event.timestamp);
    return { scope };
  }

  private container(event: HistoryEvent, before: Place, type: string, what: string): Omit<Place, 'type'> {
    const found =
      climb(before, (run) => run.type === type && run.exitId === undefined && run.status === 'in-progress') ??
      climb(before, (run) => run.type === type && run.exitId === undefined);
    if (found === undefined) return before;
    const last = found.attempts.at(-1);
    if (what === 'Started') {
      if (last?.status === 'in-progress') finish(last, event, 'failed');
      if (last !== undefined) {
        fail(before, found, event.timestamp);
        this.closeInside(found, event.timestamp);
        reopen(found);
      }
      found.attempts.push(beginning(event));
      const length = detailsOf(event)['length'];
      if (typeof length === 'number') found.length = length;
    } else {
      if (last !== undefined) finish(last, event, what === 'Failed' ? 'failed' : 'succeeded');
      if (what === 'Failed') {
        const inner = fail(before, found, event.timestamp);
        blame(found, event, inner);
        this.closeInside(found, event.timestamp);
      }
    }
    return { scope: found.scope, run: found };
  }

  /** The event names no state: it is one of those that something around it has ended. */
  private aborted(event: HistoryEvent, before: Place): Omit<Place, 'type'> {
    const type = event.type.slice(0, -'StateAborted'.length);
    const own = before.run;
    const fits = (run: Run | undefined): run is Run => run?.type === type && run.exitId === undefined && this.open.has(run);
    const run = fits(own) ? own : ([...this.open].find((one) => fits(one) && one.status === 'aborted') ?? [...this.open].find((one) => fits(one)));
    if (run === undefined) return before;
    if (run.status !== 'aborted') settle(run, statusWhenEnded(run), event.timestamp);
    const last = run.attempts.at(-1);
    if (last?.status === 'in-progress') finish(last, event, 'aborted');
    this.open.delete(run);
    return { scope: run.scope, run };
  }

  private execution(event: HistoryEvent, before: Place): Omit<Place, 'type'> {
    const status = ENDS[event.type];
    if (status === undefined) {
      if (event.type === 'ExecutionRedriven') this.end = undefined;
      return before.run === undefined ? { scope: before.scope } : { scope: before.scope, run: before.run };
    }
    const { error, cause } = detailsOf(event);
    this.end = { status, at: event.timestamp, ...(typeof error === 'string' ? { error } : {}), ...(typeof cause === 'string' ? { cause } : {}) };
    if (status === 'failed') {
      const inner = before.run;
      fail(before, undefined, event.timestamp);
      if (inner !== undefined && inner.exitId === undefined) blame(inner, event, undefined);
    }
    const rest = status === 'timed-out' ? 'timed-out' : 'aborted';
    for (const run of this.open) if (run.status === 'in-progress') settle(run, rest === 'aborted' ? statusWhenEnded(run) : rest, event.timestamp);
    this.closeScope(this.root, status, event.timestamp);
    return { scope: this.root };
  }

  private attempt(event: HistoryEvent, before: Place): Omit<Place, 'type'> {
    const { run } = before;
    if (run === undefined) return before;
    const { type } = event;
    if (type.endsWith('Scheduled')) {
      reopen(run);
      run.attempts.push(beginning(event));
    } else if (type.startsWith('MapRun')) {
      this.mapRun(run, event);
    } else if (type === 'EvaluationFailed') {
      blame(run, event, undefined);
    } else {
      this.progress(run, event);
    }
    return { scope: run.scope, run };
  }

  private progress(run: Run, event: HistoryEvent): void {
    const last = run.attempts.at(-1) ?? run.attempts[run.attempts.push(beginning(event)) - 1];
    if (last === undefined) return;
    const { type } = event;
    const details = detailsOf(event);
    if (/(?<!Submit)Succeeded$/.test(type)) finish(last, event, 'succeeded');
    else if (type.endsWith('TimedOut')) finish(last, event, 'timed-out');
    else if (type.endsWith('Failed')) finish(last, event, 'failed');
    else if (type.endsWith('Submitted')) set(last, 'submitted', details['output']);
    else if (type.endsWith('Started')) set(last, 'worker', details['workerName']);
  }

  private mapRun(run: Run, event: HistoryEvent): void {
    const { mapRunArn } = detailsOf(event);
    if (typeof mapRunArn === 'string') run.mapRunArn = mapRunArn;
    const last = run.attempts.at(-1);
    if (last === undefined) return;
    if (event.type === 'MapRunFailed') finish(last, event, 'failed');
    if (event.type === 'MapRunAborted') finish(last, event, 'aborted');
    if (event.type === 'MapRunSucceeded') finish(last, event, 'succeeded');
  }

  private closeInside(run: Run, at: number): void {
    for (const scope of run.scopes) if (scope.status === 'in-progress') this.closeScope(scope, statusOfScope(scope), at);
  }

  /** What still runs in it does so no longer. */
  private closeScope(scope: Scope, status: StatusName, at: number): void {
    if (scope.status !== 'in-progress') return;
    scope.status = status;
    scope.stopped = at;
    for (const run of scope.runs) {
      if (run.status === 'in-progress') settle(run, statusWhenEnded(run), at);
      this.closeInside(run, at);
    }
  }
}

/** The member that an event of its type has. */
export function detailsOf(event: HistoryEvent): Record<string, unknown> {
  for (const [name, value] of Object.entries(event)) {
    if (name.endsWith('EventDetails') && typeof value === 'object') return value as Record<string, unknown>;
  }
  return {};
}

/** Attempts after the first one. */
export const retriesOf = (run: Run): number => Math.max(0, run.attempts.length - 1);

/** Whether it waits for a retry, or for what catches its error. */
export const isBetweenAttempts = (run: Run): boolean => run.status === 'in-progress' && isFailure(run.attempts.at(-1)?.status);

/** The state that failed the execution: the innermost of those that failed last. */
export function culpritOf(model: Model): Run | undefined {
  const failed = model.runs.filter((run) => (run.status === 'failed' || run.status === 'timed-out') && !run.scopes.some((scope) => scope.status === 'failed'));
  return failed.findLast((run) => run.error === model.end?.error) ?? failed.at(-1);
}

/** The input and the output that the history tells. */
export const inputOf = (model: Model, run: Run): string | undefined => model.event(run.id)?.stateEnteredEventDetails?.input;
export const outputOf = (model: Model, run: Run): string | undefined =>
  run.exitId === undefined ? undefined : model.event(run.exitId)?.stateExitedEventDetails?.output;

const ENDS: Readonly<Record<string, StatusName>> = {
  ExecutionSucceeded: 'succeeded',
  ExecutionFailed: 'failed',
  ExecutionAborted: 'aborted',
  ExecutionTimedOut: 'timed-out',
};

const isFailure = (status: StatusName | undefined): boolean => status === 'failed' || status === 'timed-out';

/** A task whose last attempt failed did not stop because of others. */
function statusWhenEnded(run: Run): StatusName {
  const last = run.attempts.at(-1)?.status;
  return last !== undefined && isFailure(last) ? last : 'aborted';
}

function statusOfScope(scope: Scope): StatusName {
  const last = scope.runs.at(-1);
  if (last === undefined) return 'aborted';
  if (isFailure(last.status)) return 'failed';
  return last.status === 'in-progress' ? 'aborted' : last.status === 'caught' ? 'succeeded' : last.status;
}

function pathIn(scope: Scope, name: string): StatePath {
  return stateIn(scope.parent === undefined ? '' : workflowIn(scope.parent.path, scope.workflow), name);
}

function openScope(parent: Run, workflow: number, iteration: number | undefined, attempt: number, started: number): Scope {
  const scope: Scope = { parent, workflow, iteration, attempt, started, status: 'in-progress', runs: [] };
  parent.scopes.push(scope);
  return scope;
}

/** The nearest state, from inside out, for which something holds. */
function climb(from: Pick<Place, 'scope' | 'run'>, holds: (run: Run) => boolean): Run | undefined {
  for (let run = from.run ?? from.scope.parent; run !== undefined; run = run.scope.parent) if (holds(run)) return run;
  return undefined;
}

/** Fails what an error went through on its way to the state that it ended; hands back the innermost. */
function fail(from: Place, until: Run | undefined, at: number): Run | undefined {
  const first = from.run ?? from.scope.parent;
  for (let run = first; run !== undefined && run !== until; run = run.scope.parent) {
    if (run.exitId === undefined && run.status === 'in-progress') {
      const last = run.attempts.at(-1);
      settle(run, last?.status === 'timed-out' ? 'timed-out' : 'failed', at);
      set(run, 'error', run.error ?? last?.error);
      set(run, 'cause', run.cause ?? last?.cause);
    }
    if (run.scope.status === 'in-progress' && run.scope.parent !== undefined) {
      run.scope.status = 'failed';
      run.scope.stopped = at;
    }
  }
  return first;
}

function blame(run: Run, event: HistoryEvent, inner: Run | undefined): void {
  const { error, cause } = detailsOf(event);
  set(run, 'error', error ?? run.error ?? inner?.error ?? inner?.attempts.at(-1)?.error);
  set(run, 'cause', cause ?? run.cause ?? inner?.cause ?? inner?.attempts.at(-1)?.cause);
  if (!event.type.startsWith('Evaluation')) settle(run, run.status === 'timed-out' ? 'timed-out' : 'failed', event.timestamp);
}

function settle(run: Run, status: StatusName, at: number): void {
  run.status = status;
  run.stopped = at;
}

/** It goes on: a retry, or a redrive. */
function reopen(run: Run): void {
  for (let one: Run | undefined = run; one !== undefined && one.exitId === undefined; one = one.scope.parent) {
    one.status = 'in-progress';
    delete one.stopped;
    delete one.error;
    delete one.cause;
    if (one.scope.status !== 'in-progress') {
      one.scope.status = 'in-progress';
      delete one.scope.stopped;
    }
  }
}

function beginning(event: HistoryEvent): Attempt {
  return { id: event.id, started: event.timestamp, status: 'in-progress', details: detailsOf(event) };
}

function finish(attempt: Attempt, event: HistoryEvent, status: StatusName): void {
  const { error, cause } = detailsOf(event);
  attempt.status = status;
  attempt.stopped = event.timestamp;
  set(attempt, 'error', error);
  set(attempt, 'cause', cause);
}

function set<Key extends string>(on: { [key in Key]?: string }, key: Key, value: unknown): void {
  if (typeof value === 'string') on[key] = value;
}

/** For each Parallel, which of its branches begins with a state. */
function branchesOf(definition: unknown): Map<StatePath, Map<string, number>> {
  const found = new Map<StatePath, Map<string, number>>();
  const walk = (workflow: unknown, id: string, depth: number) => {
    for (const [name, state] of Object.entries(asObject(asObject(workflow).States))) {
      const path = stateIn(id, name);
      const branches = asArray(asObject(state).Branches);
      if (branches.length > 0) found.set(path, new Map(branches.map((branch, index) => [asText(asObject(branch).StartAt) ?? '', index])));
      const inside = [...branches, ...[asObject(state).ItemProcessor ?? asObject(state).Iterator].filter(Boolean)];
      if (depth < DEPTH_MAX) inside.forEach((one, index) => walk(one, workflowIn(path, index), depth + 1));
    }
  };
  walk(definition, '', 0);
  return found;
}

/** The server refuses deeper definitions. */
const DEPTH_MAX = 100;
