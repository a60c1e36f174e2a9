import { asObject, isObject, type Json, type JsonObject, member } from '../graph/json';
import { modelOf } from '../graph/model';
import { nameOf } from '../graph/path';
import { built, condition, cut, expressionOf, isExpression, kept, pathOf, paths, RULE, template, wrapped } from './expressions';
import { type Field, fieldsOf, isStateType, type Language, type TableName } from './fields';
import { keysOfState } from './locate';
import type { Change, Key } from './patch';
import { languageOf } from './place';

/** A state machine, or a state of it, in another query language. */
export interface Turned {
  readonly changes: Change[];
  /** What says the same in other fields: `Charge: Parameters`. */
  readonly converted: readonly string[];
  /** What the other language has no field for, or what cannot be said in it without a person. */
  readonly lost: readonly string[];
}

/**
 * Sets the QueryLanguage at the keys, of the whole where there are none, and turns what that concerns: paths and templates
 * become expressions, or expressions that are only paths become paths. What is left of the other language is taken away.
 */
export function turned(definition: Json, keys: readonly Key[], language: Language | undefined): Turned {
  const path = [...keys, 'QueryLanguage'];
  const set: Change = language === undefined ? { kind: 'remove', path } : { kind: 'set', path, value: language };
  const next = language ?? (keys.length === 0 ? 'JSONPath' : languageOf(definition));
  const all = { changes: [] as Change[], converted: [] as string[], lost: [] as string[] };
  for (const one of concerned(definition, keys)) {
    const state = asObject(one.keys.reduce(member, definition));
    if (languageOf(definition, state) === next) continue;
    const turn = new Turn(state, next);
    const after = turn.run();
    all.changes.push(...differences(one.keys, state, after));
    all.converted.push(...turn.converted.map((field) => `${one.name}: ${field}`));
    all.lost.push(...turn.lost.map((field) => `${one.name}: ${field}`));
  }
  return { ...all, changes: [...all.changes, set] };
}

/** The state itself; of the whole those that name no language of their own. */
function concerned(definition: Json, keys: readonly Key[]): { name: string; keys: readonly Key[] }[] {
  if (keys.length > 0) return [{ name: String(keys.at(-1)), keys }];
  return [...modelOf(definition).nodes.values()].filter(({ kind }) => kind === 'state').map(({ id }) => id).flatMap((path) => {
    const found = keysOfState(definition, path);
    const own = found === undefined || asObject(found.reduce(member, definition)).QueryLanguage !== undefined;
    return own ? [] : [{ name: nameOf(path), keys: found }];
  });
}

/** The changes that make one object the other; what both have keeps its look. */
function differences(path: readonly Key[], before: Json, after: Json): Change[] {
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((one, at) => differences([...path, at], one, after[at] ?? null));
  }
  if (!isObject(before) || !isObject(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ kind: 'set', path: [...path], value: after }];
  }
  const names = Object.keys(after);
  const put = names.flatMap((name, at): Change[] => {
    const [old, value] = [Object.hasOwn(before, name) ? before[name] : undefined, after[name] ?? null];
    return old === undefined ? [{ kind: 'set', path: [...path, name], value, after: names[at - 1] }] : differences([...path, name], old, value);
  });
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return [...put, ...gone.map((name): Change => ({ kind: 'remove', path: [...path, name] }))];
}

const INPUT = '$states.input';
const RESULT = '$states.result';
const ERROR = '$states.errorOutput';
const CALLS = new Set<unknown>(['Task', 'Parallel', 'Map']);

/** One state on its way. Fields of both languages are in `out` until they are turned or taken away. */
class Turn {
  readonly converted: string[] = [];
  readonly lost: string[] = [];
  private out: JsonObject;

  constructor(
    private readonly state: JsonObject,
    private readonly to: Language,
  ) {
    this.out = { ...state };
  }

  run(): JsonObject {
    const { Type } = this.state;
    const table: TableName = isStateType(Type) ? Type : 'Task';
    const base = this.base();
    if (this.to === 'JSONata') {
      this.input(base);
      this.output(base);
    } else {
      this.replace('Arguments', 'Parameters', this.told('Arguments', this.state.Arguments, INPUT));
      this.replace('Items', 'ItemsPath', pathOf(this.state.Items, INPUT));
      if (Type === 'Pass') this.replace('Output', 'Parameters', this.told('Output', this.state.Output, INPUT));
    }
    this.template('Assign', CALLS.has(Type) ? RESULT : base);
    for (const name of ['Credentials', 'ItemSelector']) this.template(name, base);
    this.out = this.within(table, this.out, base, '');
    return this.out;
  }

  /** The input of the state's work, as an expression. */
  private base(): string {
    const { InputPath } = this.state;
    return InputPath === undefined || this.to === 'JSONPath' ? INPUT : InputPath === null ? '{}' : (expressionOf(InputPath, INPUT) ?? INPUT);
  }

  /** What is given to the work. */
  private input(base: string): void {
    const { Type, Parameters, InputPath, ItemsPath } = this.state;
    const isRead = InputPath !== undefined && (InputPath === null || expressionOf(InputPath, INPUT) !== undefined);
    if (Type === 'Map') {
      this.replace('Parameters', 'ItemSelector', this.told('Parameters', Parameters, base));
      this.replace('ItemsPath', 'Items', wrapped(expressionOf(ItemsPath, base)));
      if (isRead && ItemsPath === undefined && base !== INPUT) this.out = { ...this.out, Items: wrapped(base) ?? '' };
    } else if (Type !== 'Pass') {
      this.replace('Parameters', 'Arguments', this.told('Parameters', Parameters, base));
      if (isRead && Parameters === undefined && base !== INPUT && CALLS.has(Type)) this.out = { ...this.out, Arguments: wrapped(base) ?? '' };
    }
    if (isRead) this.replace('InputPath', undefined, true);
  }

  /** What is handed on: the result selected, put into the input, and cut. */
  private output(base: string): void {
    const { Type, Result, Parameters, ResultSelector, ResultPath, OutputPath } = this.state;
    const fields = ['Result', ...(Type === 'Pass' ? ['Parameters'] : []), 'ResultSelector', 'ResultPath', 'OutputPath'].filter((name) => name in this.state);
    const plain = CALLS.has(Type) ? RESULT : base;
    const isOnly = (name: string) => fields.length === 1 && fields[0] === name;
    const value = isOnly('Result') ? Result
      : isOnly('Parameters') ? this.told('Parameters', Parameters, base)
      : isOnly('ResultSelector') ? this.told('ResultSelector', ResultSelector, RESULT)
      : wrapped(cut(kept(Result !== undefined ? JSON.stringify(Result) : Type === 'Pass' && Parameters !== undefined ? built(Parameters, base) : ResultSelector === undefined ? plain : built(ResultSelector, RESULT), ResultPath, INPUT), OutputPath));
    if (fields.length === 0 && plain !== INPUT && plain !== RESULT) this.out = { ...this.out, Output: wrapped(plain) ?? '' };
    if (fields.length === 0) return;
    const said = value === wrapped(CALLS.has(Type) ? RESULT : INPUT) ? undefined : value;
    for (const [at, name] of fields.entries()) this.replace(name, at === 0 && said !== undefined ? 'Output' : undefined, value === undefined ? undefined : (said ?? true));
  }

  /** One field instead of another, or of none where nothing needs to be said; without a value it is lost. */
  private replace(from: string, to: string | undefined, value: Json | undefined): void {
    if (from in this.state) this.out = this.moved(this.out, from, from, to, value);
  }

  private moved(object: JsonObject, place: string, from: string, to: string | undefined, value: Json | undefined): JsonObject {
    (value === undefined ? this.lost : this.converted).push(place);
    return replaced(object, from, to, value);
  }

  /** A template at that place in the other language; an expression that is all of it is none. */
  private told(place: string, value: Json | undefined, base: string): Json | undefined {
    if (value === undefined || isExpression(value)) return undefined;
    const tell = (inside: string) => this.lost.push(place + inside);
    return this.to === 'JSONata' ? template(value, base, tell) : paths(value, base, tell);
  }

  /** A template that both languages have a field for. */
  private template(name: string, base: string): void {
    if (!(name in this.state)) return;
    const value = this.told(name, this.state[name], base);
    if (JSON.stringify(value) !== JSON.stringify(this.state[name])) this.replace(name, name, value);
  }

  /** What is left by the table of fields, and what is in the objects and lists that it knows. */
  private within(table: TableName, object: JsonObject, base: string, place: string): JsonObject {
    let out = object;
    const turn = (from: string, to: string, value: Json | undefined) => { out = this.moved(out, place + from, from, to, value); };
    for (const field of fieldsOf(table)) {
      const { name, kind, of, language } = field;
      const value = out[name];
      if (value === undefined) continue;
      if (kind === 'object' && of !== undefined) out = { ...out, [name]: isObject(value) ? this.within(of, value, base, `${place}${name}.`) : value };
      else if (kind === 'list' && of !== undefined) out = { ...out, [name]: Array.isArray(value) ? value.map((item, at) => (isObject(item) ? this.item(of, item, base, `${place}${name}[${at}].`) : item)) : value };
      else if (language === undefined && isExpression(value) && this.to === 'JSONPath' && kind !== 'json') turn(name, `${name}Path`, hasField(table, `${name}Path`) ? pathOf(value, base) : undefined);
      else if (name === 'BatchInput') turn(name, name, this.told(place + name, value, base));
      else if (language !== undefined && language !== this.to) turn(name, ...this.counterpart(table, field, value, base, place));
    }
    return out;
  }

  /** Where a field of the one language is in the other, and what it says there. */
  private counterpart(table: TableName, { name }: Field, value: Json, base: string, place: string): [string, Json | undefined] {
    if (name === 'Parameters') return ['Arguments', this.told(place + name, value, base)];
    if (name === 'Arguments') return ['Parameters', this.told(place + name, value, base)];
    const plain = name.replace(/Path$/, '');
    return [plain, plain !== name && hasField(table, plain) ? wrapped(expressionOf(value, base)) : undefined];
  }

  /** A retrier, a catcher or a rule. */
  private item(table: TableName, item: JsonObject, base: string, place: string): JsonObject {
    let out = item;
    const own = table === 'Catcher' ? ERROR : base;
    const turn = (from: string, to: string, value: Json | undefined) => { out = this.moved(out, place + from, from, to, value); };
    if (out.Assign !== undefined) {
      const value = this.told(`${place}Assign`, out.Assign, own);
      if (JSON.stringify(value) !== JSON.stringify(out.Assign)) turn('Assign', 'Assign', value);
    }
    if (this.to === 'JSONata' && table === 'Catcher' && out.ResultPath !== undefined) turn('ResultPath', 'Output', wrapped(kept(ERROR, out.ResultPath, INPUT)));
    if (this.to === 'JSONata' && table === 'Rule') {
      const said = condition(out, base);
      const names = Object.keys(out).filter((name) => !RULE.has(name));
      for (const [at, name] of names.entries()) out = replaced(out, name, at === 0 && said !== undefined ? 'Condition' : undefined, wrapped(said));
      if (names.length > 0) (said === undefined ? this.lost : this.converted).push(place + (names[0] ?? ''));
    }
    return this.within(table, out, own, place);
  }
}

const hasField = (table: TableName, name: string) => fieldsOf(table).some((field) => field.name === name);

/** The object with a member in the place of another. */
function replaced(object: JsonObject, from: string, to: string | undefined, value: Json | undefined): JsonObject {
  const entries = Object.entries(object).flatMap(([name, one]): [string, Json][] => (name !== from ? [[name, one]] : to === undefined || value === undefined ? [] : [[to, value]]));
  return Object.fromEntries(entries);
}
