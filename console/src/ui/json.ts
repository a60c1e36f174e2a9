import { type Fault, jsonFault, lineAndColumn } from './jsonFault';

/** The same JSON, indented; any other text unchanged. Numbers keep their digits. */
export function pretty(text: string): string {
  if (text.length > PRETTY_CHARS_MAX || jsonProblem(text) !== undefined) {
    return text;
  }
  // Not by way of values: 1.0 and 12345678901234567890 would come out as others.
  let [out, depth, inString, escaped] = ['', 0, false, false];
  const line = () => `\n${'  '.repeat(depth)}`;
  for (let at = 0; at < text.length; at += 1) {
    const c = text.charAt(at);
    if (depth > PRETTY_DEPTH_MAX) return text;
    if (inString) {
      out += c;
      inString = escaped || c !== '"';
      escaped = !escaped && c === '\\';
    } else if (c === '"') {
      inString = true;
      out += c;
    } else if (c === '{' || c === '[') {
      const closing = /^\s*[}\]]/.exec(text.slice(at + 1, at + 1 + GAP_CHARS));
      if (closing === null) {
        depth += 1;
        out += c + line();
      } else {
        out += c + closing[0].trim();
        at += closing[0].length;
      }
    } else if (c === '}' || c === ']') {
      depth -= 1;
      out += line() + c;
    } else if (c === ',') {
      out += c + line();
    } else if (c === ':') {
      out += ': ';
    } else if (!/\s/.test(c)) {
      out += c;
    }
  }
  return out;
}

/** Larger ones are shown as they are. */
const PRETTY_CHARS_MAX = 2_000_000;
/** So are those whose indents would be more than the text itself. */
const PRETTY_DEPTH_MAX = 500;
/** How much white space an empty object may hold and still be written as `{}`. */
const GAP_CHARS = 256;

/** Why a text is not JSON, with line and column; none if it is. */
export function jsonProblem(text: string): string | undefined {
  const fault = jsonFault(text);
  return fault && withPlace(text, fault);
}

/** A fault of a text with the place that is to be mended. */
export function withPlace(text: string, { message, offset }: Fault): string {
  const { line, column } = lineAndColumn(text, offset);
  return `${message} (line ${line} column ${column})`;
}
