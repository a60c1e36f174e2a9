/** What an error's name and cause tell a person. */
export interface Failure {
  /** "FaceAlreadyExistsError"; none where the cause is all there is. */
  readonly name?: string;
  /** Empty where the cause is JSON of which nothing is known. */
  readonly message: string;
  readonly trace?: string;
}

/**
 * Reads the cause of an error, which is often JSON: a Lambda function's `errorType`, `errorMessage` and stack trace, or the
 * `Error` and `Cause` of a nested execution.
 */
export function failureOf(error: string | undefined, cause: string | undefined): Failure {
  const name = error === undefined ? {} : { name: error };
  const told = objectOf(cause);
  if (told === undefined) return { ...name, message: cause ?? '' };
  const text = (member: string) => (typeof told[member] === 'string' ? told[member] : undefined);
  const [type, message] = [text('errorType'), text('errorMessage')];
  if (type === undefined && message === undefined) {
    if (text('Cause') === undefined) return { ...name, message: '' };
    const inner = failureOf(text('Error'), text('Cause'));
    return { ...inner, ...(error === undefined ? {} : { name: error, message: joined(inner.name, inner.message) }) };
  }
  const trace = traceOf(told['stackTrace'] ?? told['trace']);
  const isNamed = error !== undefined && type !== undefined && type !== error;
  const shown = error ?? type;
  return {
    ...(shown === undefined ? {} : { name: shown }),
    message: isNamed ? joined(type, message ?? '') : (message ?? ''),
    ...(trace === undefined ? {} : { trace }),
  };
}

const joined = (...words: (string | undefined)[]): string => words.filter((word) => word !== undefined && word !== '').join(': ');

function objectOf(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text ?? '') as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Python's lines end by themselves, those of Node.js do not. */
function traceOf(value: unknown): string | undefined {
  const lines = (Array.isArray(value) ? value : [value]).filter((line) => typeof line === 'string');
  return lines.length === 0 ? undefined : lines.map((line) => line.replace(/\n$/, '')).join('\n');
}
