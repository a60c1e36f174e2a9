import type { StatusName } from '../graph/status';
import type { Model, Run, Scope } from './model';

/** A line of the table: a state, or a branch or iteration that holds states. */
export type Row = { readonly id: string; readonly depth: number; readonly open: boolean | undefined } & (
  | { readonly kind: 'run'; readonly run: Run }
  | { readonly kind: 'scope'; readonly scope: Scope; readonly title: string }
);

export interface Filter {
  /** In names, whatever the case. */
  readonly text: string;
  readonly type: string;
  readonly status: string;
}

/** Whether what is below a line is shown; `closed` holds those that are not as they begin. */
export type Toggled = ReadonlySet<string>;

/** More lines than that begin folded: a Map of thousands would hide what comes after it. */
const OPEN_MAX = 20;

/** The visits in the order of the history, what is inside a Parallel or Map below it. */
export function rowsOf(model: Model, toggled: Toggled, filter?: Filter): Row[] {
  if (filter !== undefined && isFiltering(filter)) {
    return model.runs.filter((run) => matches(run, filter)).map((run) => ({ kind: 'run', id: idOf(run), run, depth: 0, open: undefined }));
  }
  const rows: Row[] = [];
  for (const run of model.root.runs) addRun(rows, run, 0, toggled);
  return rows;
}

const isFiltering = ({ text, type, status }: Filter) => text !== '' || type !== '' || status !== '';

export const idOf = (run: Run): string => `r${run.id}`;

function addRun(rows: Row[], run: Run, depth: number, toggled: Toggled): void {
  const id = idOf(run);
  const foldable = run.scopes.length > 0;
  const open = foldable ? toggled.has(id) !== run.scopes.length <= OPEN_MAX : undefined;
  rows.push({ kind: 'run', id, run, depth, open });
  if (open !== true) return;
  const isRetried = run.attempts.length > 1;
  run.scopes.forEach((scope, index) => addScope(rows, scope, `${id}s${index}`, depth + 1, titleOf(scope, isRetried), toggled));
}

function addScope(rows: Row[], scope: Scope, id: string, depth: number, title: string, toggled: Toggled): void {
  const open = scope.runs.length > 0 ? !toggled.has(id) : undefined;
  rows.push({ kind: 'scope', id, scope, depth, title, open });
  if (open === true) for (const run of scope.runs) addRun(rows, run, depth + 1, toggled);
}

function titleOf(scope: Scope, isRetried: boolean): string {
  const title = scope.iteration === undefined ? `Branch ${scope.workflow}` : `Iteration ${scope.iteration}`;
  return isRetried ? `${title}, attempt ${scope.attempt + 1}` : title;
}

function matches(run: Run, { text, type, status }: Filter): boolean {
  return (
    (text === '' || run.name.toLocaleLowerCase().includes(text.toLocaleLowerCase())) &&
    (type === '' || run.type === type) &&
    (status === '' || run.status === status)
  );
}

/** A piece of a state's bar: an attempt, or the pause between two. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly kind: StatusName | 'pause';
}

/** What a state's time went by with; `now` ends what has not ended. */
export function segmentsOf(run: Run, now: number): Segment[] {
  const end = run.stopped ?? now;
  if (run.attempts.length < 2) return [{ from: run.entered, to: end, kind: run.status }];
  return run.attempts.flatMap((attempt, index): Segment[] => {
    const next = run.attempts[index + 1];
    const isLast = next === undefined;
    const stopped = attempt.stopped ?? next?.started ?? end;
    const kind = isLast && (run.status === 'succeeded' || run.status === 'in-progress') ? run.status : attempt.status;
    const piece: Segment = { from: index === 0 ? run.entered : attempt.started, to: stopped, kind };
    const until = next?.started ?? end;
    return until > stopped ? [piece, { from: stopped, to: until, kind: 'pause' }] : [piece];
  });
}
