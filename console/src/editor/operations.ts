import { asObject, asText, isObject, member, type Json, type JsonObject } from '../graph/json';
import { type GraphEdge, type GraphModel, type GraphNode, modelOf } from '../graph/model';
import { pointerParts, stateIn, type StatePath } from '../graph/path';
import type { DropTarget } from '../graph/props';
import { changed } from './change';
import type { Change, Key } from './patch';

/** What is to be done to the text, and the state to look at then. */
export interface Operation {
  changes: Change[];
  select?: StatePath | undefined;
}

const NOTHING: Operation = { changes: [] };

/** The place of a JSON pointer in the value: digits are numbers where an array is. */
function keysOf(value: unknown, pointer: string): Key[] {
  let here: unknown = value;
  return pointerParts(pointer).map((part) => {
    const key = Array.isArray(here) ? Number(part) : part;
    here = member(here, part);
    return key;
  });
}

/** What stands at a JSON pointer. */
const at = (value: unknown, pointer: string): Json | undefined =>
  pointerParts(pointer).reduce(member, value) as Json | undefined;

/** Names that states have anywhere: in one definition each may occur once. */
const namesIn = (model: GraphModel) => new Set([...model.nodes.values()].filter(({ kind }) => kind === 'state').map(({ name }) => name));

/** ASL: a state's name has at most so many characters. */
const NAME_MAX = 80;

/** The name, with a number behind it if it is taken. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/ \(\d+\)$/, '').slice(0, NAME_MAX - 6);
  for (let number = 1; ; number += 1) {
    const name = `${stem} (${number})`;
    if (!taken.has(name)) return name;
  }
}

/** Makes the object lead to a state, or to the end if none is named: a `Next` becomes an `End` in its place, or the reverse. */
export function leading(object: JsonObject, keys: readonly Key[], next: string | undefined): Change[] {
  const [gone, field] = next === undefined ? ['Next', 'End'] : ['End', 'Next'];
  const old = [...keys, gone];
  const turned: Change[] = !(gone in object) ? [] : field in object ? [{ kind: 'remove', path: old }] : [{ kind: 'rename', path: old, name: field }];
  return [...turned, { kind: 'set', path: [...keys, field], value: next ?? true }];
}

/** Puts a state of that name into an edge, or behind a state that leads nowhere. */
export function insert(value: Json, target: DropTarget, wanted: string, source: JsonObject): Operation {
  const model = modelOf(value);
  const taken = namesIn(model);
  const name = freeName(wanted, taken);
  taken.add(name);
  const place = placeOf(model, target);
  if (place === undefined) return NOTHING;
  const { workflow, after, next, pointers } = place;
  const { state, more } = led(relabelled(renamedInside(source, taken), labelsIn(value)), next, taken);
  const states = [...keysOf(value, workflow.pointer), 'States'];
  const changes: Change[] = [{ kind: 'set', path: [...states, name], value: state, after }];
  for (const [other, one] of more) changes.push({ kind: 'set', path: [...states, other], value: one, after: name });
  for (const pointer of pointers) changes.push(...pointed(value, pointer, name));
  return { changes, select: stateIn(workflow.id, name) };
}

interface Place {
  workflow: { id: string; pointer: string };
  /** The name of the state that it follows. */
  after: string | undefined;
  /** Where it leads to; undefined for the end. */
  next: string | undefined;
  /** The fields that must name it. */
  pointers: string[];
}

function placeOf(model: GraphModel, target: DropTarget): Place | undefined {
  const from = model.nodes.get(target.kind === 'after' ? target.path : target.edge.from);
  if (from === undefined) return undefined;
  const workflow = workflowAt(model, from.workflow);
  if (workflow === undefined) return undefined;
  const after = from.kind === 'state' ? from.name : undefined;
  if (target.kind === 'after') return { workflow, after, next: undefined, pointers: [`${from.pointer}/Next`] };
  const to = model.nodes.get(target.edge.to);
  return { workflow, after, next: to === undefined || to.kind === 'end' ? undefined : to.name, pointers: target.edge.pointers };
}

function workflowAt(model: GraphModel, id: string) {
  if (id === '') return model.root;
  const parent = model.nodes.get(id.slice(0, id.lastIndexOf('/')));
  return parent?.workflows.find((one) => one.id === id);
}

/** Makes a field name a state: `Next`, `Default` or `StartAt`, or the `Next` that stands instead of an `End`. */
function pointed(value: Json, pointer: string, name: string): Change[] {
  const keys = keysOf(value, pointer);
  const field = keys.at(-1);
  if (field !== 'Next' && field !== 'End') return [{ kind: 'set', path: keys, value: name }];
  return leading(asObject(at(value, pointer.replace(/\/\w+$/, ''))), keys.slice(0, -1), name);
}

/** The state with its way on: `Next`, `End`, or rules; a Choice at the end gets a state to lead to. */
function led(source: JsonObject, next: string | undefined, taken: Set<string>): { state: JsonObject; more: [string, JsonObject][] } {
  const state = Object.fromEntries(Object.entries(source).filter(([name]) => name !== 'Next' && name !== 'End'));
  if (state.Type === 'Succeed' || state.Type === 'Fail') return { state, more: [] };
  if (state.Type !== 'Choice') return { state: { ...state, ...(next === undefined ? { End: true } : { Next: next }) }, more: [] };
  const target = next ?? freeName('Success', taken);
  const choices = Array.isArray(state.Choices) ? state.Choices.map((rule) => (isObject(rule) && asText(rule.Next) === '' ? { ...rule, Next: target } : rule)) : [];
  return { state: { ...state, Choices: choices, Default: target }, more: next === undefined ? [[target, { Type: 'Succeed' }]] : [] };
}

/** The names inside a state changed where they are taken, with what leads to them. */
function renamedInside(state: JsonObject, taken: Set<string>): JsonObject {
  let result: Json = { States: { it: state } };
  for (const node of modelOf(result).nodes.values()) {
    if (node.kind !== 'state' || node.workflow === '') continue;
    const name = freeName(node.name, taken);
    taken.add(name);
    if (name === node.name) continue;
    // Pointers lead by names, so each renaming is seen by the next one.
    const model: GraphModel = modelOf(result);
    const now = [...model.nodes.values()].find((one) => one.kind === 'state' && one.name === node.name && one.workflow !== '');
    if (now !== undefined) result = changed(result, renaming(result, model, now, name));
  }
  return asObject(asObject(asObject(result).States).it);
}

/** The labels of Maps: like names, each may occur once. */
function labelsIn(value: Json): Set<string> {
  const states = [...modelOf(value).nodes.values()].filter(({ kind }) => kind === 'state');
  return new Set(states.flatMap(({ pointer }) => asText(asObject(at(value, pointer)).Label) ?? []));
}

/** Maps without the labels that are taken: where there is none, one is made up when it runs. */
function relabelled(state: JsonObject, taken: ReadonlySet<string>): JsonObject {
  const around: Json = { States: { it: state } };
  const doubles = [...modelOf(around).nodes.values()].filter(({ kind, pointer }) => kind === 'state' && taken.has(asText(asObject(at(around, pointer)).Label) ?? ''));
  const changes = doubles.map(({ pointer }): Change => ({ kind: 'remove', path: [...keysOf(around, pointer), 'Label'] }));
  return asObject(asObject(asObject(changed(around, changes)).States).it);
}

function renaming(value: Json, model: GraphModel, node: GraphNode, name: string): Change[] {
  const naming = [...model.edges.values()].filter((edge) => edge.to === node.id).flatMap((edge) => edge.pointers);
  return [
    ...naming.map((pointer): Change => ({ kind: 'set', path: keysOf(value, pointer), value: name })),
    { kind: 'rename', path: keysOf(value, node.pointer), name },
  ];
}

/** Why a state cannot have the name; undefined if it can. */
export function nameProblem(value: Json, name: string): string | undefined {
  const length = Array.from(name).length;
  if (name.trim() === '') return 'A state needs a name.';
  if (length > NAME_MAX) return `A name has at most ${NAME_MAX} characters; this one has ${length}.`;
  return namesIn(modelOf(value)).has(name) ? `There is already a state named "${name}". A name can be used once in a workflow, also inside Map and Parallel states.` : undefined;
}

/** Gives a state another name, wherever it is named. Nothing if it cannot have that. */
export function rename(value: Json, path: StatePath, name: string): Operation {
  const model = modelOf(value);
  const node = model.nodes.get(path);
  if (node?.kind !== 'state' || nameProblem(value, name) !== undefined) return NOTHING;
  return { changes: renaming(value, model, node, name), select: stateIn(node.workflow, name) };
}

/** Takes a state out; what led to it leads to what followed it. */
export function remove(value: Json, path: StatePath): Operation {
  const model = modelOf(value);
  const node = model.nodes.get(path);
  if (node?.kind !== 'state') return NOTHING;
  const next = followerOf(model, node);
  const incoming = [...model.edges.values()].filter((edge) => edge.to === path && edge.from !== path);
  const changes = incoming.flatMap((edge) => edge.pointers.flatMap((pointer) => rerouted(value, pointer, edge, next)));
  changes.push({ kind: 'remove', path: keysOf(value, node.pointer) });
  return { changes, select: incoming.find((edge) => model.nodes.get(edge.from)?.kind === 'state')?.from };
}

/** The state that follows, by name; undefined where the workflow ends. */
function followerOf(model: GraphModel, { id }: GraphNode): string | undefined {
  const ways = [...model.edges.values()].filter((edge) => edge.from === id && edge.to !== id);
  const way = ways.find((edge) => edge.kind === 'next') ?? ways.find((edge) => edge.kind === 'default') ?? ways.find((edge) => edge.kind === 'choice');
  const to = model.nodes.get(way?.to ?? '');
  return to?.kind === 'state' ? to.name : undefined;
}

/** Rules and catchers must lead somewhere: where nothing follows they go on naming what is gone, and say so. */
function rerouted(value: Json, pointer: string, { kind }: GraphEdge, next: string | undefined): Change[] {
  const keys = keysOf(value, pointer);
  if (next !== undefined) return [{ kind: 'set', path: keys, value: next }];
  if (kind === 'start' || kind === 'default') return [{ kind: 'remove', path: keys }];
  return kind === 'next' ? leading(asObject(at(value, pointer.replace(/\/\w+$/, ''))), keys.slice(0, -1), undefined) : [];
}

/** A copy behind the state, under names of its own. */
export function duplicate(value: Json, path: StatePath): Operation {
  const model = modelOf(value);
  const node = model.nodes.get(path);
  if (node?.kind !== 'state') return NOTHING;
  const source = asObject(at(value, node.pointer));
  const way = [...model.edges.values()].find((edge) => edge.from === path && (edge.kind === 'next' || edge.kind === 'end'));
  const ends = source.Type === 'Choice' || source.Type === 'Succeed' || source.Type === 'Fail';
  if (way !== undefined && !ends) return insert(value, { kind: 'edge', edge: way }, node.name, source);
  const taken = namesIn(model);
  const name = freeName(node.name, taken);
  taken.add(name);
  const keys = [...keysOf(value, node.pointer).slice(0, -1), name];
  const copy = relabelled(renamedInside(source, taken), labelsIn(value));
  return { changes: [{ kind: 'set', path: keys, value: copy, after: node.name }], select: stateIn(node.workflow, name) };
}

/** Takes a state out and puts it elsewhere; nothing if it already is there, or would come inside itself. */
export function move(value: Json, path: StatePath, target: DropTarget): Operation {
  const node = modelOf(value).nodes.get(path);
  if (node?.kind !== 'state') return NOTHING;
  const ends = target.kind === 'after' ? [target.path] : [target.edge.from, target.edge.to];
  if (ends.some((end) => end === path || end.startsWith(`${path}/`))) return NOTHING;
  const { changes } = remove(value, path);
  const without = changed(value, changes);
  const now = target.kind === 'after' ? target : sameEdge(modelOf(without), target.edge);
  if (now === undefined) return NOTHING;
  const { changes: more, select } = insert(without, now, node.name, asObject(at(value, node.pointer)));
  return more.length === 0 ? NOTHING : { changes: [...changes, ...more], select };
}

function sameEdge(model: GraphModel, edge: GraphEdge): DropTarget | undefined {
  const now = [...model.edges.values()].find((one) => one.from === edge.from && one.pointers.some((pointer) => edge.pointers.includes(pointer)));
  return now && { kind: 'edge', edge: now };
}

/** Where a state comes that is chosen rather than dragged: behind the selected one, else before the end. */
export function targetBehind(value: unknown, selected: StatePath | undefined): DropTarget | undefined {
  const model = modelOf(value);
  const from = selected === undefined ? undefined : model.nodes.get(selected);
  const edges = [...model.edges.values()];
  if (from?.kind === 'state') {
    const way = edges.find((edge) => edge.from === from.id && ['next', 'end', 'default', 'choice'].includes(edge.kind));
    const isLast = from.type === 'Succeed' || from.type === 'Fail';
    if (way !== undefined && !isLast) return { kind: 'edge', edge: way };
    if (!isLast && from.type !== 'Choice') return { kind: 'after', path: from.id };
    const into = edges.find((edge) => edge.to === from.id);
    if (into !== undefined) return { kind: 'edge', edge: into };
  }
  const open = model.root.edges.find((edge) => edge.kind === 'end' && !['Succeed', 'Fail'].includes(model.nodes.get(edge.from)?.type ?? ''));
  const edge = open ?? model.root.edges.find((one) => one.kind === 'start');
  return edge && { kind: 'edge', edge };
}
