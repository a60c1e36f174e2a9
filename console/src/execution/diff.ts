/** A line of printed JSON and what became of it. */
export interface Line {
  readonly text: string;
  readonly mark: 'same' | 'added' | 'removed' | 'changed';
}

/** Longer texts are cut: nobody reads further, and the page has to hold them. */
const LINES_MAX = 3000;
const DEPTH_MAX = 200;

/** The second value, printed, with what differs from the first marked; what is gone stands where it was. */
export function diffLines(before: unknown, after: unknown): Line[] {
  const lines: Line[] = [];
  write(lines, before, after, '', '', 0, true);
  if (lines.length >= LINES_MAX) lines.push({ text: '…', mark: 'same' });
  return lines;
}

export const differs = (lines: readonly Line[]): boolean => lines.some(({ mark }) => mark !== 'same');

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

function write(lines: Line[], before: unknown, after: unknown, key: string, comma: string, depth: number, isRoot = false): void {
  if (lines.length >= LINES_MAX) return;
  const pad = '  '.repeat(depth);
  const head = `${pad}${key}`;
  if (before === undefined || after === undefined) {
    const mark = before === undefined ? (isRoot && after === undefined ? 'same' : 'added') : 'removed';
    print(lines, before === undefined ? after : before, head, comma, depth, mark);
    return;
  }
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  if (old === undefined || now === undefined || Array.isArray(before) !== Array.isArray(after) || depth > DEPTH_MAX) {
    print(lines, after, head, comma, depth, same(before, after) ? 'same' : 'changed');
    return;
  }
  const isArray = Array.isArray(after);
  const values = new Map(old);
  const names = new Map(now);
  const all: Fields = [...now, ...old.filter(([name]) => !names.has(name))];
  if (all.length === 0) {
    lines.push({ text: `${head}${isArray ? '[]' : '{}'}${comma}`, mark: 'same' });
    return;
  }
  lines.push({ text: `${head}${isArray ? '[' : '{'}`, mark: 'same' });
  all.forEach(([name], index) => {
    const last = index === all.length - 1 ? '' : ',';
    write(lines, values.get(name), names.get(name), isArray ? '' : `${JSON.stringify(name)}: `, last, depth + 1);
  });
  lines.push({ text: `${pad}${isArray ? ']' : '}'}${comma}`, mark: 'same' });
}

function print(lines: Line[], value: unknown, head: string, comma: string, depth: number, mark: Line['mark']): void {
  if (value === undefined) return;
  const printed = JSON.stringify(value, null, 2).split('\n');
  const pad = '  '.repeat(depth);
  printed.slice(0, LINES_MAX - lines.length).forEach((text, index) => {
    const end = index === printed.length - 1 ? comma : '';
    lines.push({ text: `${index === 0 ? head : pad}${text}${end}`, mark });
  });
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
