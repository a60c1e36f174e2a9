import { asArray, asObject, asText, isObject, type Json, type JsonObject } from './json';
import { drawnLabels } from './labels';
import { pointerTo, stateIn, workflowIn, type StatePath } from './path';
import { taskLabel } from './resource';
import { ruleLabel } from './rule';

export type NodeKind = 'start' | 'end' | 'state' | 'missing';
export type EdgeKind = 'start' | 'next' | 'choice' | 'default' | 'catch' | 'end';

/** A state, the beginning or end of a workflow, or a name that something leads to and nothing has. */
export interface GraphNode {
  /** The state's path; for the others unique, and no path. */
  id: string;
  kind: NodeKind;
  name: string;
  /** `Type` as written; empty where there is none. */
  type: string;
  /** The second line: what a Task calls, what a Map goes over. */
  detail: string | undefined;
  /** The JSON pointer of the state. */
  pointer: string;
  /** The workflow that holds it. */
  workflow: string;
  /** What is inside: a Parallel's branches, a Map's processor. */
  workflows: Workflow[];
  /** Whether `StartAt` leads to it. */
  reachable: boolean;
  /** Whether it has a retrier. */
  retries: boolean;
}

/** A way from one node to another in the same workflow. */
export interface GraphEdge {
  id: string;
  from: string;
  to: string;
  kind: EdgeKind;
  /** What must be true, or the names of errors. */
  label: string | undefined;
  /** The label as it is drawn, which may be cut. */
  drawn: string | undefined;
  /** The JSON pointers of the fields that say so: `…/Next`, `…/End`, `/StartAt`; several when catchers lead to one. */
  pointers: string[];
}

/** States with one beginning: the machine, a branch, a processor. */
export interface Workflow {
  /** See `workflowIn`; empty for the machine. */
  id: string;
  /** The JSON pointer of the object that has `StartAt` and `States`. */
  pointer: string;
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export interface GraphModel {
  root: Workflow;
  /** Every node of every workflow by id. */
  nodes: Map<string, GraphNode>;
  edges: Map<string, GraphEdge>;
  comment: string | undefined;
}

/** How deep states in states are drawn; the server refuses deeper definitions (asl: NESTING_MAX). */
const DEPTH_MAX = 100;

/** The graph of any JSON: what cannot be read as a state machine is left out, and nothing throws. */
export function modelOf(definition: unknown): GraphModel {
  const machine = asObject(definition);
  const model: GraphModel = {
    root: { id: '', pointer: '', nodes: [], edges: [] },
    nodes: new Map(),
    edges: new Map(),
    comment: asText(machine.Comment),
  };
  model.root = workflow(model, machine, '', '', 0);
  return model;
}

/** The paths of the states with that name: one in a valid definition. */
export function pathsOf(model: GraphModel, name: string): StatePath[] {
  return [...model.nodes.values()].filter((node) => node.kind === 'state' && node.name === name).map((node) => node.id);
}

function workflow(model: GraphModel, source: JsonObject, id: string, pointer: string, depth: number): Workflow {
  const states = Object.entries(asObject(source.States));
  const built = new Builder(model, id, pointer);
  for (const [name, value] of states) built.add(name, asObject(value), depth);
  built.start(asText(source.StartAt), states[0]?.[0]);
  for (const [name, value] of states) built.connect(name, asObject(value));
  return built.finish();
}

/** What one workflow gathers. */
class Builder {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly edges = new Map<string, GraphEdge>();

  constructor(
    private readonly model: GraphModel,
    private readonly id: string,
    private readonly pointer: string,
  ) {
    this.node(`${id}#start`, 'start', 'Start', pointer);
  }

  add(name: string, state: JsonObject, depth: number): void {
    const path = stateIn(this.id, name);
    const pointer = pointerTo(`${this.pointer}/States`, name);
    const node = this.node(path, 'state', name, pointer);
    node.type = asText(state.Type) ?? '';
    node.detail = detail(node.type, state);
    node.retries = asArray(state.Retry).length > 0;
    if (depth < DEPTH_MAX) {
      node.workflows = insides(node.type, state).map(([field, source], index) =>
        workflow(this.model, source, workflowIn(path, index), pointer + field, depth + 1),
      );
    }
  }

  start(startAt: string | undefined, first: string | undefined): void {
    const pointer = `${this.pointer}/StartAt`;
    if (startAt !== undefined) this.edge(`${this.id}#start`, startAt, 'start', undefined, pointer);
    else if (first === undefined) this.toEnd(`${this.id}#start`, 'start', pointer);
  }

  connect(name: string, state: JsonObject): void {
    const from = stateIn(this.id, name);
    const pointer = pointerTo(`${this.pointer}/States`, name);
    asArray(state.Choices).forEach((rule, index) => {
      const next = asText(asObject(rule).Next);
      if (next !== undefined) this.edge(from, next, 'choice', ruleLabel(rule), `${pointer}/Choices/${index}/Next`);
    });
    this.leads(from, state.Default, 'default', 'Default', `${pointer}/Default`);
    this.leads(from, state.Next, 'next', undefined, `${pointer}/Next`);
    asArray(state.Catch).forEach((catcher, index) => {
      const { ErrorEquals, Next } = asObject(catcher);
      const errors = asArray(ErrorEquals).map((error) => asText(error) ?? '…').join(', ');
      this.leads(from, Next, 'catch', `Catch ${errors}`.trim(), `${pointer}/Catch/${index}/Next`);
    });
    const last = state.End === true || state.Type === 'Succeed' || state.Type === 'Fail';
    if (last && typeof state.Next !== 'string') this.toEnd(from, 'end', `${pointer}/End`);
  }

  finish(): Workflow {
    const from = new Map<string, GraphEdge[]>([...this.nodes.keys()].map((id) => [id, []]));
    for (const edge of this.edges.values()) from.get(edge.from)?.push(edge);
    for (const edges of from.values()) {
      const labels = drawnLabels(edges.map(({ label }) => label));
      edges.forEach((edge, at) => (edge.drawn = labels[at]));
    }
    const nodes = this.ordered(from);
    const edges = nodes.flatMap((node) => from.get(node.id) ?? []);
    return { id: this.id, pointer: this.pointer, nodes, edges };
  }

  private node(id: string, kind: NodeKind, name: string, pointer: string): GraphNode {
    const node: GraphNode = {
      id, kind, name, pointer,
      type: '', detail: undefined, workflow: this.id, workflows: [], reachable: false, retries: false,
    };
    this.nodes.set(id, node);
    this.model.nodes.set(id, node);
    return node;
  }

  private leads(from: string, next: Json | undefined, kind: EdgeKind, label: string | undefined, pointer: string): void {
    if (typeof next === 'string') this.edge(from, next, kind, label, pointer);
  }

  /** An edge to the state of that name, or to a node that says there is none. */
  private edge(from: string, name: string, kind: EdgeKind, label: string | undefined, pointer: string): void {
    const path = stateIn(this.id, name);
    const to = this.nodes.has(path) ? path : `${this.id}#missing/${name}`;
    if (!this.nodes.has(to)) this.node(to, 'missing', name, pointer);
    this.join(from, to, kind, label, pointer);
  }

  private toEnd(from: string, kind: EdgeKind, pointer: string): void {
    const end = `${this.id}#end`;
    if (!this.nodes.has(end)) this.node(end, 'end', 'End', this.pointer);
    this.join(from, end, kind, undefined, pointer);
  }

  /** Catchers that lead to one state are one edge. */
  private join(from: string, to: string, kind: EdgeKind, label: string | undefined, pointer: string): void {
    const same = kind === 'catch' ? this.edges.get(`${from}>${to}>catch`) : undefined;
    if (same !== undefined) {
      same.label = `${same.label ?? ''}, ${(label ?? '').replace(/^Catch /, '')}`;
      same.pointers.push(pointer);
      return;
    }
    const id = kind === 'catch' ? `${from}>${to}>catch` : `${from}>${to}>${kind}>${pointer}`;
    const edge: GraphEdge = { id, from, to, kind, label, drawn: undefined, pointers: [pointer] };
    this.edges.set(id, edge);
    this.model.edges.set(id, edge);
  }

  /** As the flow meets them, so that the picture does not hang on the order of the text; then those it never meets. */
  private ordered(from: Map<string, GraphEdge[]>): GraphNode[] {
    const met = new Set<string>();
    const queue = [`${this.id}#start`];
    for (let at = 0; at < queue.length; at += 1) {
      const id = queue[at] ?? '';
      if (met.has(id)) continue;
      met.add(id);
      for (const edge of from.get(id) ?? []) queue.push(edge.to);
    }
    for (const id of met) {
      const node = this.nodes.get(id);
      if (node !== undefined) node.reachable = true;
    }
    const end = `${this.id}#end`;
    const ids = [...met, ...this.nodes.keys()].filter((id) => id !== end);
    return [...new Set([...ids, ...(this.nodes.has(end) ? [end] : [])])].flatMap((id) => this.nodes.get(id) ?? []);
  }
}

/** The workflows inside a state with the pointers to them. */
function insides(type: string, state: JsonObject): [string, JsonObject][] {
  if (type === 'Parallel' || (type === '' && Array.isArray(state.Branches))) {
    return asArray(state.Branches).map((branch, index) => [`/Branches/${index}`, asObject(branch)]);
  }
  const field = 'ItemProcessor' in state ? 'ItemProcessor' : 'Iterator';
  const inside = state[field];
  if (isObject(inside)) return [[`/${field}`, inside]];
  return type === 'Map' ? [['/ItemProcessor', {}]] : [];
}

function detail(type: string, state: JsonObject): string | undefined {
  if (type === 'Task') return taskLabel(state);
  if (type === 'Map') {
    const processor = asObject(state.ItemProcessor ?? state.Iterator);
    return asObject(processor.ProcessorConfig).Mode === 'DISTRIBUTED' ? 'Distributed' : undefined;
  }
  if (type === 'Wait') return waitLabel(state);
  if (type === 'Fail') return asText(state.Error);
  return undefined;
}

function waitLabel(state: JsonObject): string | undefined {
  if (typeof state.Seconds === 'number') return `${state.Seconds} s`;
  const field = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].find((name) => name in state);
  return field === undefined ? undefined : asText(state[field]);
}
