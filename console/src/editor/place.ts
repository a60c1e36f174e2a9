import { asObject, asText, isObject, member } from '../graph/json';
import { type Field, fieldsOf, isStateType, type Language, type TableName } from './fields';
import type { Change, Key } from './patch';

/** What kind of thing a place in a definition is. */
export interface Place {
  /** The table of the object that the place is a member of, if it has one. */
  table: TableName | undefined;
  /** The field at the place, or the one that it is inside of. */
  field: Field | undefined;
  language: Language;
  /** The names of the states in the workflow around it. */
  states: string[];
}

/** The language that a state or the machine is written in. */
export function languageOf(definition: unknown, state?: unknown): Language {
  const said = asText(asObject(state).QueryLanguage) ?? asText(asObject(definition).QueryLanguage);
  return said === 'JSONata' ? 'JSONata' : 'JSONPath';
}

/** Follows the keys through the table of fields; values of free form (Parameters, Arguments) end the way. */
export function placeAt(definition: unknown, keys: readonly Key[]): Place {
  const place: Place = { table: 'Machine', field: undefined, language: languageOf(definition), states: namesIn(definition) };
  let here = definition;
  for (let at = 0; at < keys.length && place.table !== undefined; at += 1) {
    const key = String(keys[at]);
    const found = fieldsOf(place.table).find(({ name }) => name === key);
    const isLast = at === keys.length - 1;
    // A condition in a rule is a rule without a way on.
    const isCondition = found === undefined && place.table === 'Rule';
    if (!isCondition || isLast) place.field = found;
    if (isLast || isCondition) {
      if (isCondition && typeof keys[at + 1] === 'number') at += 1;
      continue;
    }
    here = member(here, key);
    const next = keys[at + 1];
    if (found?.kind === 'states') {
      here = member(here, String(next));
      at += 1;
      enterState(place, definition, here, at === keys.length - 1);
    } else {
      place.table = found?.of;
      if (found?.kind === 'workflow') place.states = namesIn(here);
      if (typeof next !== 'number') continue;
      here = member(here, next);
      at += 1;
      if (found?.kind === 'workflows') place.states = namesIn(here);
    }
  }
  return place;
}

function enterState(place: Place, definition: unknown, state: unknown, isName: boolean): void {
  if (isName) {
    place.table = undefined;
    return;
  }
  const { Type } = asObject(state);
  place.table = isStateType(Type) ? Type : 'Task';
  place.field = undefined;
  place.language = languageOf(definition, state);
}

/** Makes a state one of another type, without the fields that such a state cannot have. */
export function ofType(state: object, keys: readonly Key[], type: string | undefined): Change[] {
  const known = isStateType(type) ? fieldsOf(type).map(({ name }) => name) : Object.keys(state);
  const gone = Object.keys(state).filter((name) => name !== 'Type' && !known.includes(name));
  const path = [...keys, 'Type'];
  return [type === undefined ? { kind: 'remove', path } : { kind: 'set', path, value: type }, ...gone.map((name): Change => ({ kind: 'remove', path: [...keys, name] }))];
}

export const namesIn = (workflow: unknown) => Object.keys(asObject(asObject(workflow).States));

/** Where a cursor is: the keys to it, and whether it is at a name or at a value. */
export interface Cursor {
  keys: Key[];
  isName: boolean;
}

/** The cursor of a YAML text by the indents before it: the text around it may be half written. */
export function yamlCursor(text: string, offset: number): Cursor {
  const stack: { indent: number; key: Key }[] = [];
  const pop = (indent: number) => {
    while ((stack.at(-1)?.indent ?? -1) >= indent) stack.pop();
  };
  const lines = text.slice(0, offset).split('\n');
  const last = lines.length - 1;
  for (const [at, line] of lines.entries()) {
    if (at !== last && /^\s*(#|$)/.test(line)) continue;
    let column = /^ */.exec(line)?.[0].length ?? 0;
    for (let marker = markerAt(line, column); marker !== undefined; marker = markerAt(line, column)) {
      pop(column + 1);
      const top = stack.at(-1);
      if (top?.indent === column && typeof top.key === 'number') top.key += 1;
      else stack.push({ indent: column, key: 0 });
      column += marker;
    }
    const key = /^([^\s:#][^:]*):(\s|$)/.exec(line.slice(column))?.[1];
    if (key === undefined && at !== last) continue;
    while ((stack.at(-1)?.indent ?? -1) >= column && (typeof stack.at(-1)?.key === 'string' || (stack.at(-1)?.indent ?? 0) > column)) stack.pop();
    stack.push({ indent: column, key: key === undefined ? '' : unquoted(key) });
    if (at === last) return { keys: stack.map((one) => one.key), isName: key === undefined || !/:\s/.test(line) };
  }
  return { keys: [''], isName: true };
}

/** The length of `- ` where a list item begins. */
const markerAt = (line: string, column: number) => /^- +/.exec(line.slice(column))?.[0].length;

const unquoted = (key: string) => key.trim().replace(/^(['"])(.*)\1$/, '$2');

/** Names of variables that any state assigns. */
export function variablesIn(value: unknown, found = new Set<string>(), depth = 0): Set<string> {
  if (depth > 60) return found;
  if (Array.isArray(value)) for (const one of value) variablesIn(one, found, depth + 1);
  if (!isObject(value)) return found;
  for (const [name, one] of Object.entries(value)) {
    if (name === 'Assign' && isObject(one)) for (const variable of Object.keys(one)) found.add(variable.replace(/\.\$$/, ''));
    else variablesIn(one, found, depth + 1);
  }
  return found;
}
