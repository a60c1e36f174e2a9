import { Document, isMap, isNode, isScalar, parseDocument, stringify } from 'yaml';
import { isObject, type Json } from '../graph/json';
import { changed } from './change';
import type { Codec, Span } from './codec';
import type { Change, Edit, Key } from './patch';

/** So many aliases may stand for others: `yaml`'s own guard against a text that grows without end. */
const OPTIONS = { maxAliasCount: 100 };
const STYLE = { lineWidth: 0 };

/** As the text is written, as far as the library can be told. */
const styleOf = (text: string) => ({
  ...STYLE,
  flowCollectionPadding: !/[[{]\w/.test(text),
  indentSeq: !/^( *)[^\s#-][^\n]*:\s*\n\1- /m.test(text),
});

const documentOf = (text: string) => parseDocument(text, { prettyErrors: false, logLevel: 'silent' });

let last: { text: string; document: ReturnType<typeof documentOf> } | undefined;

/** The document to look at: one text is asked for its value, its errors and its places in turn. */
function known(text: string) {
  if (last?.text !== text) last = { text, document: documentOf(text) };
  return last.document;
}

export const yamlCodec: Codec = {
  format: 'yaml',
  read(text) {
    try {
      const value: unknown = known(text).toJS(OPTIONS);
      return typeof value === 'object' && value !== null ? plain(value) : undefined;
    } catch {
      return undefined;
    }
  },
  problem(text) {
    const [first] = known(text).errors;
    if (first !== undefined) return { message: `The text is not YAML: ${first.message}`, offset: first.pos[0] };
    return yamlCodec.read(text) === undefined ? { message: 'The text is not a YAML object', offset: 0 } : undefined;
  },
  write: (value) => stringify(value, STYLE),
  edit(text, change) {
    const document: Document = documentOf(text);
    if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
    apply(document, change);
    return difference(text, document.toString(styleOf(text)));
  },
  locate(text) {
    const document: Document = known(text);
    return (keys) => {
      for (let depth = keys.length; depth >= 0; depth -= 1) {
        const span = spanOf(document, keys.slice(0, depth));
        if (span !== undefined) return span;
      }
      return undefined;
    };
  },
};

/** Dates, numbers as keys and the like as JSON has them. */
const plain = (value: object) => JSON.parse(JSON.stringify(value)) as Json;

function apply(document: Document, change: Change): void {
  const { path } = change;
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (change.kind === 'remove') {
    if (document.hasIn(path)) document.deleteIn(path);
  } else if (change.kind === 'rename') {
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === key) : undefined;
    if (pair !== undefined) pair.key = renamed(document, pair.key, change.name);
  } else if (change.kind === 'set' && change.after !== undefined && isMap(parent) && !parent.has(key)) {
    const at = parent.items.findIndex((item) => String(item.key) === change.after);
    parent.items.splice(at === -1 ? parent.items.length : at + 1, 0, document.createPair(key, change.value));
  } else if (change.kind === 'set' && hasRoom(document, path)) {
    // A scalar that only gets another value keeps its comment.
    document.setIn(path, isObject(change.value) || Array.isArray(change.value) ? document.createNode(change.value) : change.value);
  } else {
    // Where the tree cannot take it (an insertion, something else in the way), the part around it is written anew.
    const top = path[0];
    const value = changed(document.toJS(OPTIONS) as Json, [change]) as Record<string, Json>;
    if (top !== undefined) document.setIn([top], document.createNode(value[top]));
  }
}

function renamed(document: Document, key: unknown, name: string): unknown {
  const next = document.createNode(name);
  if (isScalar(key)) next.comment = key.comment ?? null;
  return next;
}

/** Whether all that leads to the place are objects and lists. */
function hasRoom(document: Document, path: readonly Key[]): boolean {
  return path.every((key, depth) => {
    const node: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    return node === undefined ? typeof key === 'string' : !isScalar(node);
  });
}

/** What is between the first and the last letter that differ. */
function difference(before: string, after: string): Edit | undefined {
  if (before === after) return undefined;
  let from = 0;
  while (from < before.length && before[from] === after[from]) from += 1;
  let back = 0;
  const most = Math.min(before.length, after.length) - from;
  while (back < most && before[before.length - 1 - back] === after[after.length - 1 - back]) back += 1;
  return { from, to: before.length - back, insert: after.slice(from, after.length - back) };
}

function spanOf(document: Document, keys: readonly Key[]): Span | undefined {
  const parent: unknown = keys.length < 2 ? document.contents : document.getIn(keys.slice(0, -1), true);
  const last = keys.at(-1);
  const key = isMap(parent) ? parent.items.find((item) => String(item.key) === last)?.key : undefined;
  const node: unknown = last === undefined ? document.contents : document.getIn(keys, true);
  const shown = isScalar(node) ? node : (key ?? node);
  const range = isNode(shown) ? shown.range : undefined;
  return range === undefined || range === null ? undefined : { from: range[0], to: Math.max(range[1], range[0]) };
}
