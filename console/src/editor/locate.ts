import { asObject, isObject, member } from '../graph/json';
import { partsOf, stateIn, type StatePath, workflowIn } from '../graph/path';
import type { Key } from './patch';

/**
 * The place that a finding of the server names: `/States/X/Choices[0]/Next`.
 *
 * It writes names as they are, slashes and brackets too, so the definition must tell where a name ends: the longest
 * member that fits is meant. What is not there ends the way.
 */
export function keysAt(value: unknown, location: string): Key[] {
  const keys: Key[] = [];
  let here = value;
  let rest = location;
  while (rest !== '' && rest !== '/') {
    const index = /^\[(\d+)\]/.exec(rest);
    const key: Key | undefined = index === null ? memberAt(here, rest) : Number(index[1]);
    if (key === undefined) return keys;
    keys.push(key);
    rest = rest.slice(index === null ? String(key).length + 1 : index[0].length);
    here = member(here, key);
  }
  return keys;
}

function memberAt(here: unknown, rest: string): string | undefined {
  if (!rest.startsWith('/') || !isObject(here)) return undefined;
  const text = rest.slice(1);
  const fits = (name: string) => text === name || text.startsWith(`${name}/`) || text.startsWith(`${name}[`);
  const named = Object.keys(here).filter(fits).sort((a, b) => b.length - a.length)[0];
  return named ?? /^[^/[]+/.exec(text)?.[0];
}

/** The keys to a state; none if there is no such state. */
export function keysOfState(value: unknown, path: StatePath): Key[] | undefined {
  const keys: Key[] = [];
  let here = value;
  for (const part of partsOf(path)) {
    const steps: Key[] = typeof part === 'string' ? ['States', part] : insideOf(here, part);
    here = steps.reduce(member, here);
    if (here === undefined) return undefined;
    keys.push(...steps);
  }
  return keys;
}

const insideOf = (state: unknown, index: number): Key[] => {
  const object = asObject(state);
  if (Array.isArray(object.Branches)) return ['Branches', index];
  return ['ItemProcessor' in object ? 'ItemProcessor' : 'Iterator'];
};

/** The innermost state that the place is in, or that it is. */
export function stateAt(keys: readonly Key[]): StatePath | undefined {
  let path: StatePath | undefined;
  let workflow = '';
  for (let at = 0; at < keys.length; at += 1) {
    const [key, next] = [keys[at], keys[at + 1]];
    if (key === 'States' && typeof next === 'string') {
      path = stateIn(workflow, next);
      at += 1;
    } else if (path !== undefined && key === 'Branches' && typeof next === 'number') {
      workflow = workflowIn(path, next);
      at += 1;
    } else if (path !== undefined && (key === 'ItemProcessor' || key === 'Iterator')) {
      workflow = workflowIn(path, 0);
    } else if (path !== undefined) {
      return path;
    }
  }
  return path;
}
