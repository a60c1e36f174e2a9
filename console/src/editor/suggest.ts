import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { suggestions } from './complete';
import type { Key } from './patch';

/** Completions inside the text of one field: expressions and paths, by the field's place in the definition. */
export function suggestionsIn(read: () => { definition: unknown; keys: readonly Key[] }) {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/\$[\w.$]*|States\.?\w*/);
    if (word === null && !context.explicit) return null;
    const { definition, keys } = read();
    const text = context.state.doc.toString();
    const line = text.slice(text.lastIndexOf('\n', context.pos - 1) + 1, context.pos);
    const name = /"([^"]*)"\s*:\s*"[^"]*$/.exec(line)?.[1];
    const options = suggestions(definition, { keys: name === undefined ? [...keys] : [...keys, name], isName: false });
    return options.length === 0 ? null : { from: word?.from ?? context.pos, options, validFor: /^[\w.$]*$/ };
  };
}
