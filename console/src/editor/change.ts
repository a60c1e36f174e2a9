import { isObject, type Json, type JsonObject } from '../graph/json';
import type { Change, Key } from './patch';

/** The value after the changes; what they do not touch is shared with the value before. */
export function changed(value: Json, changes: readonly Change[]): Json {
  return changes.reduce<Json>((before, change) => along(before, change.path, change), value);
}

function along(value: Json | undefined, [key, ...rest]: readonly Key[], change: Change): Json {
  if (key === undefined) return change.kind === 'set' ? change.value : (value ?? null);
  if (typeof key === 'number') return inArray(Array.isArray(value) ? value : [], key, rest, change);
  return inObject(isObject(value) ? value : {}, key, rest, change);
}

function inArray(array: Json[], at: number, rest: readonly Key[], change: Change): Json {
  const next = [...array];
  if (rest.length > 0) next[Math.min(at, array.length)] = along(array[at], rest, change);
  else if (change.kind === 'remove') next.splice(at, 1);
  else if (change.kind === 'insert') next.splice(at, 0, change.value);
  else if (change.kind === 'set') next[Math.min(at, array.length)] = change.value;
  return next;
}

function inObject(object: JsonObject, key: string, rest: readonly Key[], change: Change): Json {
  const entries = Object.entries(object);
  const at = entries.findIndex(([name]) => name === key);
  const old = entries[at]?.[1];
  if (rest.length > 0) {
    if (change.kind !== 'set' && change.kind !== 'insert' && at === -1) return object;
    put(entries, at, [key, along(old, rest, change)]);
  } else if (change.kind === 'remove') {
    if (at !== -1) entries.splice(at, 1);
  } else if (change.kind === 'rename') {
    if (at !== -1) put(entries, at, [change.name, old ?? null]);
  } else if (at === -1 && change.kind === 'set' && change.after !== undefined) {
    const after = entries.findIndex(([name]) => name === change.after);
    entries.splice(after === -1 ? entries.length : after + 1, 0, [key, change.value]);
  } else {
    put(entries, at, [key, change.value]);
  }
  return Object.fromEntries(entries);
}

function put(entries: [string, Json][], at: number, entry: [string, Json]): void {
  if (at === -1) entries.push(entry);
  else entries[at] = entry;
}
