import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import { isObject, type Json } from '../graph/json';

/** A step into JSON: the name of a member, the number of an element. */
export type Key = string | number;

/** What the designer does to a definition, whatever its text looks like. */
export type Change =
  /** Gives a member or element its value; a member that is not there comes after the named one, else last. */
  | { kind: 'set'; path: Key[]; value: Json; after?: string | undefined }
  /** Puts an element before the one with that number. */
  | { kind: 'insert'; path: Key[]; value: Json }
  | { kind: 'remove'; path: Key[] }
  /** Gives the member at the path another name. */
  | { kind: 'rename'; path: Key[]; name: string };

/** Some letters of a text that others take the place of. */
export interface Edit {
  from: number;
  to: number;
  insert: string;
}

export const applied = (text: string, { from, to, insert }: Edit) => text.slice(0, from) + insert + text.slice(to);

/** The smallest edit of a JSON text that makes the change: all else keeps its order and look. None if nothing is to do. */
export function jsonEdit(text: string, change: Change): Edit | undefined {
  const root = parseTree(text, undefined, { allowTrailingComma: true });
  if (root?.type !== 'object') {
    return change.kind === 'set' ? { from: 0, to: text.length, insert: `${new Writer(text).block(nested(change.path, change.value), '')}\n` } : undefined;
  }
  const writer = new Writer(text);
  const node = findNodeAtLocation(root, change.path);
  switch (change.kind) {
    case 'set':
      return node === undefined ? added(writer, root, change) : replaced(writer, node, change.value);
    case 'insert':
      return node === undefined ? added(writer, root, { ...change, kind: 'set' }) : before(writer, node, change.value);
    case 'remove':
      return node === undefined ? undefined : removed(writer, node);
    case 'rename': {
      const key = node?.parent?.children?.[0];
      return key === undefined ? undefined : { from: key.offset, to: end(key), insert: JSON.stringify(change.name) };
    }
  }
}

const end = (node: Node) => node.offset + node.length;

/** The value inside the objects that lead to it. */
function nested(path: readonly Key[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  return typeof key === 'number' ? [nested(rest, value)] : { [key]: nested(rest, value) };
}

function replaced(writer: Writer, node: Node, value: Json): Edit | undefined {
  const insert = writer.value(value, node.parent ?? node);
  const same = writer.text.slice(node.offset, end(node)) === insert;
  return same ? undefined : { from: node.offset, to: end(node), insert };
}

/** A member or element that is not there yet, with the objects around it where they lack too. */
function added(writer: Writer, root: Node, change: Extract<Change, { kind: 'set' }>): Edit | undefined {
  let depth = change.path.length - 1;
  let container = findNodeAtLocation(root, change.path.slice(0, depth));
  while (container === undefined) container = findNodeAtLocation(root, change.path.slice(0, (depth -= 1)));
  const key = change.path[depth];
  if (key === undefined) return undefined;
  const value = nested(change.path.slice(depth + 1), change.value);
  if (container.type === 'object' && typeof key === 'string') {
    const after = container.children?.find((member) => member.children?.[0]?.value === change.after);
    return into(writer, container, after, (indent) => `${JSON.stringify(key)}: ${writer.block(value, indent)}`, `${JSON.stringify(key)}: ${writer.line(value)}`);
  }
  if (container.type === 'array') return into(writer, container, undefined, (indent) => writer.block(value, indent), writer.line(value));
  // Something else stands where an object must be.
  return replaced(writer, container, nested(change.path.slice(depth), change.value));
}

/** Behind a child of an object or array: on a line of its own if its children have such. */
function into(writer: Writer, container: Node, after: Node | undefined, block: (indent: string) => string, line: string): Edit {
  const last = after ?? container.children?.at(-1);
  if (last !== undefined) {
    const indent = writer.indentOfChild(container);
    const insert = indent === undefined ? `, ${line}` : `,${writer.eol}${indent}${block(indent)}`;
    return { from: end(last), to: end(last), insert };
  }
  const [from, to] = [container.offset + 1, end(container) - 1];
  const outer = writer.indentAt(container.offset);
  const insert = `${writer.eol}${outer}${writer.unit}${block(outer + writer.unit)}${writer.eol}${outer}`;
  return writer.isFlat ? { from, to, insert: line } : { from, to, insert };
}

function before(writer: Writer, node: Node, value: Json): Edit {
  const indent = node.parent === undefined ? undefined : writer.indentOfChild(node.parent);
  const insert = indent === undefined ? `${writer.line(value)}, ` : `${writer.block(value, indent)},${writer.eol}${indent}`;
  return { from: node.offset, to: node.offset, insert };
}

/** With its comma: the one behind it, or the one before the last. */
function removed(writer: Writer, node: Node): Edit {
  const child = node.parent?.type === 'property' ? node.parent : node;
  const siblings = child.parent?.children ?? [];
  const at = siblings.indexOf(child);
  const [previous, next] = [siblings[at - 1], siblings[at + 1]];
  if (next !== undefined) return { from: child.offset, to: next.offset, insert: '' };
  if (previous !== undefined) return { from: end(previous), to: end(child), insert: '' };
  const parent = child.parent;
  return parent === undefined ? { from: 0, to: writer.text.length, insert: '' } : { from: parent.offset + 1, to: end(parent) - 1, insert: '' };
}

/** Writes JSON as the text around it is written. */
class Writer {
  readonly eol: string;
  readonly unit: string;
  readonly isFlat: boolean;

  constructor(readonly text: string) {
    this.eol = text.includes('\r\n') ? '\r\n' : '\n';
    this.unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
    this.isFlat = !text.trimEnd().includes('\n') && text.trim() !== '{}' && text.trim() !== '';
  }

  /** On several lines where the container is, in one where it is not. */
  value(value: Json, parent: Node): string {
    const container = parent.type === 'property' ? (parent.parent ?? parent) : parent;
    const indent = this.indentOfChild(container);
    return indent === undefined ? this.line(value) : this.block(value, indent);
  }

  block(value: Json, indent: string): string {
    return this.isFlat ? this.line(value) : JSON.stringify(value, null, this.unit).replaceAll('\n', this.eol + indent);
  }

  line(value: Json): string {
    if (Array.isArray(value)) return `[${value.map((one) => this.line(one)).join(', ')}]`;
    if (!isObject(value)) return JSON.stringify(value);
    const members = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${this.line(one)}`);
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  }

  /** What stands before a child that begins its line; undefined if children share the line with their container. */
  indentOfChild(container: Node): string | undefined {
    const first = container.children?.[0];
    if (first === undefined) return this.indentAt(container.offset) + this.unit;
    const between = this.text.slice(container.offset, first.offset);
    return between.includes('\n') ? between.slice(between.lastIndexOf('\n') + 1) : undefined;
  }

  /** The white space at the beginning of a line. */
  indentAt(offset: number): string {
    const line = this.text.slice(this.text.lastIndexOf('\n', offset - 1) + 1, offset);
    return /^\s*/.exec(line)?.[0] ?? '';
  }
}
