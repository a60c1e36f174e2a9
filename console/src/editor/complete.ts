import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { getLocation } from 'jsonc-parser';
import { asText, type Json } from '../graph/json';
import type { Format } from './codec';
import { COMPARISONS, CONTEXT_PATHS, ERROR_NAMES, type Field, fieldsIn, INTRINSICS, RESERVED } from './fields';
import { ACTIONS } from './palette';
import { type Cursor, type Place, placeAt, variablesIn, yamlCursor } from './place';

/** What may stand at a place, best first. */
export function suggestions(definition: unknown, { keys, isName }: Cursor): Completion[] {
  // The name that is being typed is no part of the way.
  const place = placeAt(definition, isName ? [...keys.slice(0, -1), ''] : keys);
  return isName ? names(place) : values(definition, place, keys);
}

function names({ table, language }: Place): Completion[] {
  if (table === undefined) return [];
  const fields = fieldsIn(table, language).map(({ name, help }) => ({ label: name, type: 'property', info: help }));
  if (table !== 'Rule' || language === 'JSONata') return fields;
  const conditions = ['Variable', 'And', 'Or', 'Not', ...COMPARISONS.map(({ name }) => name)];
  return [...fields, ...conditions.map((label) => ({ label, type: 'property' }))];
}

function values(definition: unknown, { field, language, states }: Place, keys: Cursor['keys']): Completion[] {
  const name = keys.findLast((key) => typeof key === 'string') ?? '';
  if (field?.kind === 'state') return states.map((label) => ({ label, type: 'class' }));
  if (field?.options !== undefined) return field.options.map((label) => ({ label, type: 'enum' }));
  if (field?.kind === 'errors') return ERROR_NAMES.map((label) => ({ label, type: 'constant' }));
  if (field?.kind === 'boolean') return ['true', 'false'].map((label) => ({ label, type: 'keyword' }));
  if (field?.name === 'Resource') return ACTIONS.map(({ state, title }) => ({ label: asText(state(language).Resource) ?? '', detail: title, type: 'function' }));
  const variables = [...variablesIn(definition)].map((one) => ({ label: `$${one}`, type: 'variable' }));
  if (language === 'JSONata') return [...RESERVED.map(({ name: label, help }) => ({ label, info: help, type: 'variable' })), ...variables];
  return isPath(field, name) ? [...paths(variables), ...intrinsics(field)] : [];
}

const isPath = (field: Field | undefined, name: string) => field?.kind === 'path' || name.endsWith('.$') || name.endsWith('Path') || name === 'Variable';

const paths = (variables: Completion[]): Completion[] => [
  { label: '$', type: 'variable', info: 'the input, or the result' },
  ...CONTEXT_PATHS.map(({ name: label, help }) => ({ label, info: help, type: 'variable' })),
  ...variables,
];

/** Reference paths (ResultPath, Variable) take no functions; templates, ErrorPath and CausePath do. */
const intrinsics = (field: Field | undefined): Completion[] =>
  field?.kind === 'path' && !['ErrorPath', 'CausePath'].includes(field.name) ? [] : INTRINSICS.map(({ name: label, call: apply }) => ({ label, apply, type: 'function' }));

/** CodeMirror's source of completions; `read` gives what can be read of the text. */
export function completionSource(read: () => { value: Json | undefined; format: Format }) {
  return (context: CompletionContext): CompletionResult | null => {
    const { value, format } = read();
    const text = context.state.doc.toString();
    const cursor = cursorAt(text, context.pos, format);
    const word = context.matchBefore(cursor.isName ? /[\w.]*/ : /[$\w.]*[\w ]*/);
    if (word === null || (word.from === word.to && !context.explicit && !/["'$:]\s*$/.test(text.slice(context.pos - 2, context.pos)))) return null;
    const from = wordBegin(text, context.pos, cursor);
    const closes = format === 'json' && text[context.pos] === '"' && inString(text, context.pos) && !/\{%[^"]*$/.test(text.slice(0, from));
    const options = suggestions(value, cursor).map((one) => written(one, text, from, context.pos, cursor, format, closes));
    const to = context.pos + (closes ? 1 : 0);
    return options.length === 0 ? null : { from, to, options, validFor: /^[\w.$ :]*"?$/ };
  };
}

/** Where in a definition an offset of its text is. */
export function cursorAt(text: string, offset: number, format: Format): Cursor {
  if (format === 'yaml') return yamlCursor(text, offset);
  const { path, isAtPropertyKey } = getLocation(text, offset);
  return { keys: path, isName: isAtPropertyKey };
}

/** Values with spaces (names of states) begin at their quote or colon, expressions at their word. */
function wordBegin(text: string, offset: number, { isName }: Cursor): number {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const expression = /\$[\w.$]*$/.exec(line) ?? (isName ? /[\w.]*$/.exec(line) : undefined);
  if (expression) return offset - expression[0].length;
  const value = /(?:"|: +|- +|\[ *)([^"[\]{},:]*)$/.exec(line);
  return offset - (value?.[1] ?? /\w*$/.exec(line)?.[0] ?? '').length;
}

/** With the quotes and the colon that the text around it lacks. */
function written(option: Completion, text: string, from: number, to: number, { isName }: Cursor, format: Format, closes: boolean): Completion {
  const plain = typeof option.apply === 'string' ? option.apply : option.label;
  if (format === 'yaml') return isName && text[to] !== ':' ? { ...option, apply: `${plain}: ` } : { ...option, apply: plain };
  const isBare = option.type === 'keyword';
  const isOpen = text[from - 1] === '"' || /\$/.test(text.slice(from, from + 1)) || inString(text, from);
  if (closes) return { ...option, apply: `${plain}"${isName && !/^"\s*:/.test(text.slice(to)) ? ': ' : ''}` };
  const quoted = isBare || isOpen ? plain : JSON.stringify(plain);
  return { ...option, apply: isName && !isOpen ? `${quoted}: ` : quoted };
}

/** Whether the place is inside a JSON text: an odd number of quotes before it in its line. */
function inString(text: string, offset: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).replaceAll(/\\./g, '');
  return (line.split('"').length - 1) % 2 === 1;
}
