/**
 * The path of a state: names of states and numbers of workflows in turn, `Photos/1/Thumbnail`.
 *
 * A Parallel's workflows are its branches; a Map has one, number 0. Because the two alternate, a state named `1` is
 * never taken for a branch; `/` and `~` in names are written as JSON pointers write them.
 */
export type StatePath = string;

/** A step from a workflow to a state, or from a state into one of its workflows. */
export type PathPart = string | number;

const escape = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const unescape = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** The path of the state `name` in a workflow; the root workflow's id is empty. */
export const stateIn = (workflow: string, name: string): StatePath =>
  workflow === '' ? escape(name) : `${workflow}/${escape(name)}`;

/** The id of a workflow inside a state. */
export const workflowIn = (state: StatePath, index: number): string => `${state}/${index}`;

/** Names and numbers in turn, outermost first. */
export function partsOf(path: StatePath): PathPart[] {
  if (path === '') return [];
  return path.split('/').map((part, at) => (at % 2 === 0 ? unescape(part) : Number(part)));
}

/** The last name. */
export function nameOf(path: StatePath): string {
  const last = partsOf(path).at(-1);
  return typeof last === 'string' ? last : '';
}

/** The workflow that holds the state: empty for the root. */
export const workflowOf = (path: StatePath): string => path.split('/').slice(0, -1).join('/');

/** The state around it, if it is nested. */
export function parentOf(path: StatePath): StatePath | undefined {
  const parts = path.split('/');
  return parts.length < 3 ? undefined : parts.slice(0, -2).join('/');
}

/** One more step of a JSON pointer. */
export const pointerTo = (pointer: string, key: string | number): string =>
  `${pointer}/${typeof key === 'number' ? key : escape(key)}`;

/** The steps of a JSON pointer. */
export const pointerParts = (pointer: string): string[] =>
  pointer === '' ? [] : pointer.slice(1).split('/').map(unescape);
