import { isObject, member } from '../graph/json';
import type { Finding } from './findings';
import { stateAt } from './locate';
import type { Change, Key } from './patch';

/** A text in a form that the definition cannot take as it is. */
export interface Unused {
  /** The place that it is meant for: of a field, or of the state whose name it is to be. */
  readonly keys: readonly Key[];
  /** What the form calls it. */
  readonly field: string;
  readonly text: string;
  readonly why: string;
}

export const isSame = (a: readonly Key[], b: readonly Key[]) => a.length === b.length && isWithin(a, b);
export const isWithin = (keys: readonly Key[], around: readonly Key[]) => around.every((key, at) => keys[at] === key);

/** Those whose place is there: a state that is gone may come back by an undo, and its texts with it. */
export function thoseIn(definition: unknown, list: readonly Unused[]): Unused[] {
  return list.filter(({ keys, field }) => {
    const owner = field === keys.at(-1) ? keys.slice(0, -1) : keys;
    return isObject(owner.reduce(member, definition));
  });
}

/** The same texts, behind the place that has become another one. */
export function carried(list: readonly Unused[], from: readonly Key[], to: readonly Key[]): Unused[] {
  return list.map((one) => (isWithin(one.keys, from) ? { ...one, keys: [...to, ...one.keys.slice(from.length)] } : one));
}

/** Where the texts belong after the changes: names and numbers in lists may be others; a field that was taken away has none. */
export function followed(list: readonly Unused[], changes: readonly Change[]): Unused[] {
  return changes.reduce((now, change, at) => step(now, change, changes[at + 1], changes[at - 1]), list) as Unused[];
}

function step(list: readonly Unused[], change: Change, next: Change | undefined, before: Change | undefined): readonly Unused[] {
  const { kind, path } = change;
  if (kind === 'set') return list;
  if (kind === 'rename') {
    const to = [...path.slice(0, -1), change.name];
    return carried(list, path, to).map((one) => (isSame(one.keys, to) && one.field === path.at(-1) ? { ...one, field: change.name } : one));
  }
  const index = path.at(-1);
  if (typeof index !== 'number') return list.filter(({ keys, field }) => !isSame(keys, path) || field !== index);
  const around = path.slice(0, -1);
  const isMoved = (other: Change | undefined, its: Change['kind']) => other?.kind === its && isSame(other.path.slice(0, -1), around);
  // Taken out and put in again is moved.
  if (kind === 'insert' && isMoved(before, 'remove')) return list;
  const to = kind === 'remove' && isMoved(next, 'insert') ? Number(next?.path.at(-1)) : undefined;
  return list.flatMap((one) => {
    const was = one.keys[around.length];
    if (typeof was !== 'number' || !isWithin(one.keys, around)) return [one];
    const is = to !== undefined ? moved(was, index, to) : kind === 'insert' ? (was >= index ? was + 1 : was) : was === index ? undefined : was > index ? was - 1 : was;
    return is === undefined ? [] : [{ ...one, keys: [...around, is, ...one.keys.slice(around.length + 1)] }];
  });
}

/** The number that an element has after one was taken from a place to another. */
function moved(was: number, from: number, to: number): number {
  if (was === from) return to;
  const without = was > from ? was - 1 : was;
  return without >= to ? without + 1 : without;
}

/** As a problem, with the way to its field. */
export const unusedFinding = ({ keys, field, why }: Unused): Finding => ({
  severity: 'ERROR',
  code: 'NOT_IN_DEFINITION',
  message: `${field} holds a text that is not part of the definition yet: ${why}`,
  location: keys.map((key) => (typeof key === 'number' ? `[${key}]` : `/${key}`)).join(''),
  keys,
  state: stateAt(keys),
  isForm: true,
});

/** `Parameters of Charge`: which field a text stands in. */
export function placeName({ keys, field }: Unused): string {
  const state = keys[keys.lastIndexOf('States') + 1];
  return keys.includes('States') && typeof state === 'string' ? `${field} of ${state}` : field;
}
