import { same, valueOf } from './diff';
import { inputOf, type Model, outputOf, type Run } from './model';

/** One visit of a state in two executions; on one side there may be none. */
export interface Pair {
  /** Path, iterations and how many visits came before. */
  readonly key: string;
  readonly title: string;
  readonly left: Run | undefined;
  readonly right: Run | undefined;
  readonly differs: Readonly<Record<(typeof ASPECTS)[number], boolean>>;
}

const ASPECTS = ['status', 'input', 'output', 'error'] as const;

/** The visits of two executions beside each other, in the order in which they came in the first. */
export function pairsOf(left: Model, right: Model): Pair[] {
  const [a, b] = [keyed(left), keyed(right)];
  const keys = [...a.keys(), ...[...b.keys()].filter((key) => !a.has(key))];
  return keys.map((key) => pair(key, left, right, a.get(key), b.get(key)));
}

export const isDifferent = (pair: Pair): boolean => differencesOf(pair) !== '';

/** `status, output`, or `only in A`; empty if nothing but the time differs. */
export function differencesOf({ left, right, differs }: Pair): string {
  if (right === undefined) return 'only in A';
  return left === undefined ? 'only in B' : ASPECTS.filter((aspect) => differs[aspect]).join(', ');
}

export const durationOf = (run: Run | undefined): number | undefined =>
  run?.stopped === undefined ? undefined : run.stopped - run.entered;

/** By how many seconds the second visit took longer; none if either has not ended or was not made. */
export function slowerBy({ left, right }: Pair): number | undefined {
  const [a, b] = [durationOf(left), durationOf(right)];
  return a === undefined || b === undefined ? undefined : b - a;
}

/** What a visit failed with, caught or not, as JSON. */
export function errorOf(run: Run | undefined): string | undefined {
  const last = run?.status === 'succeeded' ? undefined : run?.attempts.at(-1);
  const { error, cause } = run?.error === undefined && run?.cause === undefined ? { error: last?.error, cause: last?.cause } : run;
  return error === undefined && cause === undefined ? undefined : JSON.stringify({ error, cause });
}

function pair(key: string, left: Model, right: Model, a: Run | undefined, b: Run | undefined): Pair {
  const both = a !== undefined && b !== undefined;
  const one = a ?? b;
  return {
    key,
    title: one === undefined ? key : titleOf(one, key),
    left: a,
    right: b,
    differs: {
      status: both && a.status !== b.status,
      input: both && !sameText(inputOf(left, a), inputOf(right, b)),
      output: both && !sameText(outputOf(left, a), outputOf(right, b)),
      error: both && errorOf(a) !== errorOf(b),
    },
  };
}

function sameText(one: string | undefined, other: string | undefined): boolean {
  return one === other || same(valueOf(one), valueOf(other));
}

function keyed(model: Model): Map<string, Run> {
  const visits = new Map<string, number>();
  const found = new Map<string, Run>();
  for (const run of model.runs) {
    const place = placeOf(run);
    const visit = visits.get(place) ?? 0;
    visits.set(place, visit + 1);
    found.set(`${place}#${visit}`, run);
  }
  return found;
}

/** The path with iterations in it; an attempt of what is around a state is a visit more. */
function placeOf(run: Run): string {
  const { parent, iteration } = run.scope;
  const own = `${run.path}${iteration === undefined ? '' : `[${iteration}]`}`;
  return parent === undefined ? own : `${placeOf(parent)} > ${own}`;
}

function titleOf(run: Run, key: string): string {
  const around: string[] = [];
  for (let { scope } = run; scope.parent !== undefined; { scope } = scope.parent) {
    around.unshift(`${scope.parent.name}${scope.iteration === undefined ? '' : ` ${scope.iteration}`}`);
  }
  const visit = Number(key.slice(key.lastIndexOf('#') + 1));
  return `${[...around, run.name].join(' › ')}${visit === 0 ? '' : ` (visit ${visit + 1})`}`;
}
