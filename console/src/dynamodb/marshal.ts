import { type Node, parseTree } from 'jsonc-parser';
import type { AttributeValue, Item } from '../aws/dynamodb';
import { jsonProblem } from '../ui/json';

/** Why a text is no item, and where. */
export class ItemError extends Error {
  override readonly name = 'ItemError';

  constructor(path: string, message: string) {
    super(path === '' ? message : `${path}: ${message}`);
  }
}

/**
 * Reads plain JSON: `{"a": 1}` is `{"a": {"N": "1"}}`, every digit kept.
 *
 * JSON has neither sets nor bytes: where `before` has one at the same place, and what is written there can be one, it
 * stays one.
 */
export function fromPlain(text: string, before: Item = {}): Item {
  const value = plain(rootOf(text), { M: before }, text, '');
  if (!('M' in value)) {
    throw new ItemError('', 'An item is an object.');
  }
  return value.M;
}

/** Reads DynamoDB JSON: `{"a": {"N": "1"}}`. */
export function fromTyped(text: string): Item {
  const root = rootOf(text);
  if (root.type !== 'object') {
    throw new ItemError('', 'An item is an object.');
  }
  return typedMap(root, '');
}

/** As plain JSON, indented; sets are arrays, bytes are base64. */
export function toPlain(item: Item): string {
  return writePlain({ M: item }, '');
}

/** As DynamoDB JSON, indented. */
export function toTyped(item: Item): string {
  return JSON.stringify(item, null, 2);
}

/** The same item with its names in order, those of `first` before the rest; the API tells them in any. */
export function inOrder(item: Item, first: readonly string[] = []): Item {
  const names = Object.keys(item).sort();
  const all = [...first.filter((name) => names.includes(name)), ...names.filter((name) => !first.includes(name))];
  return Object.fromEntries(all.flatMap((name) => (item[name] === undefined ? [] : [[name, ordered(item[name])] as const])));
}

function ordered(value: AttributeValue): AttributeValue {
  return 'M' in value ? { M: inOrder(value.M) } : 'L' in value ? { L: value.L.map(ordered) } : value;
}

/** In a cell of a table: texts bare, the rest as plain JSON on a line. */
export function toShort(value: AttributeValue): string {
  return 'S' in value ? value.S : writePlain(ordered(value), undefined);
}

/** A number as JSON writes it. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
/** Deeper than DynamoDB nests (32 levels), so that its own words come first. */
const DEPTH_MAX = 64;

function rootOf(text: string): Node {
  const root = parseTree(text, [], { disallowComments: true });
  const problem = jsonProblem(text);
  if (problem !== undefined || root === undefined) {
    throw new ItemError('', problem ?? 'This is not JSON');
  }
  return root;
}

function plain(node: Node, before: AttributeValue | undefined, text: string, path: string, depth = 0): AttributeValue {
  if (depth > DEPTH_MAX) {
    throw new ItemError(path, 'This is nested too deeply.');
  }
  switch (node.type) {
    case 'string':
      return before !== undefined && 'B' in before && isBase64(node.value) ? { B: node.value } : { S: node.value as string };
    case 'number':
      return { N: text.slice(node.offset, node.offset + node.length) };
    case 'boolean':
      return { BOOL: node.value as boolean };
    case 'null':
      return { NULL: true };
    case 'array': {
      const list = before !== undefined && 'L' in before ? before.L : [];
      const values = (node.children ?? []).map((child, at) => plain(child, list[at], text, `${path}[${at}]`, depth + 1));
      return asSet(values, before) ?? { L: values };
    }
    default: {
      const map = before !== undefined && 'M' in before ? before.M : {};
      return { M: record(node, path, (child, name, at) => plain(child, own(map, name), text, at, depth + 1)) };
    }
  }
}

/** The values as the kind of set that was there; none if there was none, or they can't be one. */
function asSet(values: readonly AttributeValue[], before: AttributeValue | undefined): AttributeValue | undefined {
  if (before === undefined || values.length === 0) {
    return undefined;
  }
  const strings = values.flatMap((value) => ('S' in value ? value.S : []));
  const numbers = values.flatMap((value) => ('N' in value ? value.N : []));
  if ('SS' in before && strings.length === values.length) {
    return { SS: strings };
  }
  if ('NS' in before && numbers.length === values.length) {
    return { NS: numbers };
  }
  return 'BS' in before && strings.length === values.length && strings.every(isBase64) ? { BS: strings } : undefined;
}

function typedMap(node: Node, path: string, depth = 0): Item {
  return record(node, path, (child, _, at) => typed(child, at, depth + 1));
}

function typed(node: Node, path: string, depth: number): AttributeValue {
  if (depth > DEPTH_MAX) {
    throw new ItemError(path, 'This is nested too deeply.');
  }
  const [property, ...others] = node.type === 'object' ? (node.children ?? []) : [];
  const type = property?.children?.[0]?.value as string | undefined;
  const value = property?.children?.[1];
  if (type === undefined || value === undefined || others.length > 0) {
    throw new ItemError(path, 'A value is an object with its type: {"S": "text"}, {"N": "1"}, {"BOOL": true}, …');
  }
  switch (type) {
    case 'S':
      return { S: textOf(value, path) };
    case 'N':
      return { N: numberOf(value, path) };
    case 'B':
      return { B: bytesOf(value, path) };
    case 'BOOL':
      if (value.type !== 'boolean') {
        throw new ItemError(path, 'BOOL is true or false.');
      }
      return { BOOL: value.value as boolean };
    case 'NULL':
      if (value.value !== true) {
        throw new ItemError(path, 'NULL is true.');
      }
      return { NULL: true };
    case 'SS':
      return { SS: listOf(value, path).map((one) => textOf(one, path)) };
    case 'NS':
      return { NS: listOf(value, path).map((one) => numberOf(one, path)) };
    case 'BS':
      return { BS: listOf(value, path).map((one) => bytesOf(one, path)) };
    case 'L':
      return { L: listOf(value, path).map((one, at) => typed(one, `${path}[${at}]`, depth + 1)) };
    case 'M':
      if (value.type !== 'object') {
        throw new ItemError(path, 'M holds an object.');
      }
      return { M: typedMap(value, path, depth) };
    default:
      throw new ItemError(path, `There is no type ${type}; the types are S, N, B, BOOL, NULL, SS, NS, BS, L and M.`);
  }
}

function record(node: Node, path: string, read: (child: Node, name: string, path: string) => AttributeValue): Item {
  const found = new Map<string, AttributeValue>();
  for (const property of node.children ?? []) {
    const name = property.children?.[0]?.value as string;
    const child = property.children?.[1];
    const at = path === '' ? name : `${path}.${name}`;
    if (found.has(name)) {
      throw new ItemError(at, 'This name is there twice.');
    }
    if (child !== undefined) {
      found.set(name, read(child, name, at));
    }
  }
  return Object.fromEntries(found);
}

function textOf(node: Node, path: string): string {
  if (node.type !== 'string') {
    throw new ItemError(path, 'This is a text: write it between quotation marks.');
  }
  return node.value as string;
}

function numberOf(node: Node, path: string): string {
  const text = textOf(node, path);
  if (!isNumber(text)) {
    throw new ItemError(path, `${text} is no number.`);
  }
  return text;
}

function bytesOf(node: Node, path: string): string {
  const text = textOf(node, path);
  if (!isBase64(text)) {
    throw new ItemError(path, 'Bytes are written in base64.');
  }
  return text;
}

function listOf(node: Node, path: string): readonly Node[] {
  if (node.type !== 'array') {
    throw new ItemError(path, 'This is an array.');
  }
  return node.children ?? [];
}

export function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
}

export function isBase64(text: unknown): text is string {
  return typeof text === 'string' && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** The value of that name, and not what every object has: attributes may be named `constructor`. */
export function own(map: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** `indent`: what the line begins with; none for all on one line. */
function writePlain(value: AttributeValue, indent: string | undefined): string {
  if ('S' in value) {
    return JSON.stringify(value.S);
  }
  if ('N' in value) {
    return NUMBER.test(value.N) ? value.N : JSON.stringify(value.N);
  }
  if ('B' in value) {
    return JSON.stringify(value.B);
  }
  if ('BOOL' in value) {
    return String(value.BOOL);
  }
  if ('NULL' in value) {
    return 'null';
  }
  const deeper = indent === undefined ? undefined : `${indent}  `;
  if ('M' in value) {
    const members = Object.entries(value.M).map(([name, one]) => `${JSON.stringify(name)}: ${writePlain(one, deeper)}`);
    return bracketed('{', members, '}', indent);
  }
  return bracketed('[', elementsOf(value).map((one) => writePlain(one, deeper)), ']', indent);
}

function elementsOf(value: Extract<AttributeValue, { SS: unknown } | { NS: unknown } | { BS: unknown } | { L: unknown }>): readonly AttributeValue[] {
  if ('SS' in value) {
    return value.SS.map((S) => ({ S }));
  }
  if ('NS' in value) {
    return value.NS.map((N) => ({ N }));
  }
  return 'BS' in value ? value.BS.map((B) => ({ B })) : value.L;
}

function bracketed(open: string, parts: readonly string[], close: string, indent: string | undefined): string {
  if (parts.length === 0) {
    return open + close;
  }
  return indent === undefined ? `${open}${parts.join(', ')}${close}` : `${open}\n${indent}  ${parts.join(`,\n${indent}  `)}\n${indent}${close}`;
}
