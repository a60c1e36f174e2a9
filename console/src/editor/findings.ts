import { parse, type ParseError, printParseErrorCode } from 'jsonc-parser';
import type { StateDiagnostics } from '../graph/props';
import type { Diagnostic } from '../aws/states';
import { keysAt, stateAt } from './locate';
import type { Key } from './patch';
import type { Snapshot } from './store';

/** Something that the server or a parser says about a definition. */
export interface Finding {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  readonly keys: readonly Key[];
  readonly state: string | undefined;
  /** Where the text is broken; else the keys tell. */
  readonly offset?: number;
}

/** What is wrong with the text before anybody can read it; none where it can be read. */
export function brokenText({ text, format, value }: Snapshot): Finding | undefined {
  if (format === 'yaml') return value === undefined ? broken('The text is not a YAML object', 0) : undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    const errors: ParseError[] = [];
    parse(text, errors);
    const [first] = errors;
    if (first === undefined) return broken('The text is not JSON', 0);
    const said = printParseErrorCode(first.error).replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
    return broken(`The text is not JSON: ${said}`, first.offset);
  }
}

const broken = (message: string, offset: number): Finding => ({ severity: 'ERROR', code: 'INVALID_JSON', message, keys: [], state: undefined, offset });

/** The server's diagnostics with their places in the definition. */
export function located(value: unknown, diagnostics: readonly Diagnostic[]): Finding[] {
  return diagnostics.map(({ severity, code, message, location = '' }) => {
    const keys = keysAt(value, location);
    return { severity, code, message, keys, state: stateAt(keys) };
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
