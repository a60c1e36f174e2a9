export type Mark = 'same' | 'added' | 'removed' | 'changed';

/** A line of printed JSON and what became of it. */
export interface Line {
  readonly text: string;
  readonly mark: Mark;
}

/** A line of two printed values that stand beside each other; none on the side that has fewer. */
export interface LinePair {
  readonly left: string | undefined;
  readonly right: string | undefined;
  readonly mark: Mark;
}

/** Longer texts are cut: nobody reads further, and the page has to hold them. */
const LINES_MAX = 3000;
const DEPTH_MAX = 200;
/** Longer values, in characters of both, are shown without what differs: comparing them would take the page's time. */
export const COMPARED_CHARS_MAX = 200_000;

/** The second value, printed, with what differs from the first marked; what is gone stands where it was. */
export function diffLines(before: unknown, after: unknown): Line[] {
  return linePairs(before, after).flatMap(({ left, right, mark }) => {
    const text = mark === 'removed' ? left : right;
    return text === undefined ? [] : [{ text, mark }];
  });
}

/** Two values, printed beside each other. */
export function linePairs(left: unknown, right: unknown): LinePair[] {
  const pairs: LinePair[] = [];
  write(pairs, left, right, '', '', 0);
  if (pairs.length >= LINES_MAX) pairs.push({ left: '…', right: '…', mark: 'same' });
  return pairs;
}

export const differs = (lines: readonly { readonly mark: Mark }[]): boolean => lines.some(({ mark }) => mark !== 'same');

/** Both as values; text that is no JSON is a string. */
export function valueOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

type Fields = readonly (readonly [key: string, value: unknown])[];

function write(pairs: LinePair[], before: unknown, after: unknown, key: string, comma: string, depth: number): void {
  if (pairs.length >= LINES_MAX) return;
  const pad = '  '.repeat(depth);
  const head = `${pad}${key}`;
  if (before === undefined || after === undefined) {
    print(pairs, before, after, head, comma, depth, before === undefined ? 'added' : 'removed');
    return;
  }
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  if (old === undefined || now === undefined || Array.isArray(before) !== Array.isArray(after) || depth > DEPTH_MAX) {
    print(pairs, before, after, head, comma, depth, same(before, after) ? 'same' : 'changed');
    return;
  }
  const both = (text: string) => pairs.push({ left: text, right: text, mark: 'same' });
  const isArray = Array.isArray(after);
  const values = new Map(old);
  const names = new Map(now);
  const all: Fields = [...now, ...old.filter(([name]) => !names.has(name))];
  if (all.length === 0) {
    both(`${head}${isArray ? '[]' : '{}'}${comma}`);
    return;
  }
  both(`${head}${isArray ? '[' : '{'}`);
  all.forEach(([name], index) => {
    const last = index === all.length - 1 ? '' : ',';
    write(pairs, values.get(name), names.get(name), isArray ? '' : `${JSON.stringify(name)}: `, last, depth + 1);
  });
  both(`${pad}${isArray ? ']' : '}'}${comma}`);
}

function print(pairs: LinePair[], before: unknown, after: unknown, head: string, comma: string, depth: number, mark: Mark): void {
  const [left, right] = [printed(before, head, comma, depth), printed(after, head, comma, depth)];
  const count = Math.min(Math.max(left.length, right.length), LINES_MAX - pairs.length);
  for (let index = 0; index < count; index += 1) pairs.push({ left: left[index], right: right[index], mark });
}

function printed(value: unknown, head: string, comma: string, depth: number): string[] {
  if (value === undefined) return [];
  const pad = '  '.repeat(depth);
  const lines = JSON.stringify(value, null, 2).split('\n');
  return lines.map((text, index) => `${index === 0 ? head : pad}${text}${index === lines.length - 1 ? comma : ''}`);
}

function fieldsOf(value: unknown): Fields | undefined {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item as unknown] as const);
  return typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
}

export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const [a, b] = [fieldsOf(one), fieldsOf(other)];
  if (a === undefined || b === undefined || a.length !== b.length || Array.isArray(one) !== Array.isArray(other)) return false;
  const values = new Map(b);
  return a.every(([name, value]) => values.has(name) && same(value, values.get(name)));
}
