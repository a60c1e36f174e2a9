import { asArray, asObject } from '../graph/json';
import { partsOf, type StatePath } from '../graph/path';

/** The state at a path, as the definition has it. */
export function stateAt(definition: string, path: StatePath): unknown {
  let at: unknown = parsed(definition);
  for (const part of partsOf(path)) {
    const here = asObject(at);
    at = typeof part === 'string' ? asObject(here.States)[part] : (asArray(here.Branches)[part] ?? here.ItemProcessor ?? here.Iterator);
  }
  return at;
}

let last: { text: string; value: unknown } | undefined;

/** A definition as JSON; none if it is none. The same text is read once. */
export function parsed(text: string): unknown {
  if (last?.text !== text) last = { text, value: read(text) };
  return last.value;
}

function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
