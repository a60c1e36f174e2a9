import { AwsError } from '../aws/errors';

/** One of the problems for which a definition was refused: what is said of it, and where it is. */
export interface Refused {
  readonly said: string;
  /** As the server writes it; empty where it names none. */
  readonly location: string;
}

/** CreateStateMachine and UpdateStateMachine tell all problems in one sentence: `…: 'CODE: message at /place, CODE: …'`. */
export function refusedIn(error: unknown): { before: string; problems: Refused[] } | undefined {
  if (!(error instanceof AwsError) || error.code !== 'InvalidDefinition') return undefined;
  const [, before, all] = /^([^']*: )'(.*)'$/s.exec(error.message) ?? [];
  if (before === undefined || all === undefined) return undefined;
  return { before: before.trim(), problems: all.split(/, (?=[A-Z][A-Z_]{7,}: )/).map(refused) };
}

/** Names may hold ` at /` too: the last one that begins the way into a definition is the place. */
function refused(problem: string): Refused {
  const [, said, location] = /^(.*) at (\/(?:$|[A-Z][A-Za-z]*(?:[/[]|$)).*)$/s.exec(problem) ?? [];
  return said === undefined || location === undefined ? { said: problem, location: '' } : { said, location };
}
