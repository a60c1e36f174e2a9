import type { StateDiagnostics } from '../graph/props';
import type { Diagnostic } from '../aws/states';
import type { Codec, Span } from './codec';
import { keysAt, stateAt } from './locate';
import type { Key } from './patch';
import type { Snapshot } from './store';

/** Something that the server or a parser says about a definition. */
export interface Finding {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** As the server writes it; empty where it names none. */
  readonly location: string;
  readonly keys: readonly Key[];
  readonly state: string | undefined;
  /** Where the text is broken; else the keys tell. */
  readonly offset?: number;
  /** It stands in a form alone, not in the text. */
  readonly isForm?: boolean;
}

/** What is wrong with the text before anybody can read it; none where it can be read. */
export const brokenText = ({ problem, format }: Snapshot): Finding | undefined =>
  problem && { severity: 'ERROR', code: `INVALID_${format.toUpperCase()}`, ...problem, location: '', keys: [], state: undefined };

/** The server's diagnostics with their places in the definition. */
export function located(value: unknown, diagnostics: readonly Diagnostic[]): Finding[] {
  return diagnostics.map(({ severity, code, message, location = '' }) => {
    const keys = keysAt(value, location);
    return { severity, code, message, location, keys, state: stateAt(keys) };
  });
}

/** What is said about each state. */
export function byState(findings: readonly Finding[]): ReadonlyMap<string, StateDiagnostics> {
  const states = new Map<string, StateDiagnostics>();
  for (const { state, severity, message } of findings) {
    if (state === undefined) continue;
    const found = states.get(state) ?? { errors: 0, warnings: 0, messages: [] };
    found[severity === 'ERROR' ? 'errors' : 'warnings'] += 1;
    found.messages.push(message);
    states.set(state, found);
  }
  return states;
}

/** Finds the places of findings in a text; what is no longer there is the nearest around it. */
export function placesIn(text: string, codec: Codec): (finding: Pick<Finding, 'keys' | 'offset'>) => Span {
  const locate = codec.locate(text);
  return ({ keys, offset }) => {
    const at = Math.min(offset ?? 0, text.length);
    const span = offset === undefined ? locate(keys) : { from: at, to: Math.min(at + 1, text.length) };
    return span ?? { from: 0, to: 0 };
  };
}
