import type { Call, Client, ReadError } from './client';
import { shortCode } from './errors';

/** What a caller may say about any call. */
export interface Options {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutSeconds?: number;
}

/** A service that speaks JSON at one address, the operation in a header. */
export interface JsonService {
  readonly service: string;
  readonly targetPrefix: string;
  readonly version: '1.0' | '1.1';
}

/** Calls an operation of such a service; names that begin with a reading verb may be sent again. */
export async function callJson<Output>(
  client: Client,
  at: JsonService,
  operation: string,
  input: object,
  options: Options = {},
): Promise<Output> {
  const response = await client.send(
    {
      service: at.service,
      operation,
      headers: {
        'content-type': `application/x-amz-json-${at.version}`,
        'x-amz-target': `${at.targetPrefix}.${operation}`,
      },
      body: JSON.stringify(input),
      reads: READING.test(operation),
      ...options,
    },
    readJsonError,
  );
  return parse<Output>(await response.text());
}

/** Calls a service that speaks JSON at paths: Lambda. */
export async function callRest<Output>(client: Client, call: Call): Promise<Output> {
  const reads = call.reads ?? (call.method === 'GET' || call.method === 'HEAD');
  const response = await client.send({ ...call, reads }, readJsonError);
  return parse<Output>(await response.text());
}

export const readJsonError: ReadError = (response, text) => {
  const body = tryParse(text);
  const said = response.headers.get('x-amzn-errortype') ?? field(body, '__type') ?? field(body, 'code');
  const message = field(body, 'message') ?? field(body, 'Message') ?? field(body, 'errorMessage') ?? text;
  return { code: shortCode(said ?? `HTTP ${response.status}`), message: message.trim() };
};

/** Not `Test`: TestState does what the state does. */
const READING = /^(Batch)?(Describe|Get|List|Query|Scan|Search|Validate|Detect|Compare|Inspect|Filter)/;

function parse<Output>(text: string): Output {
  return (text === '' ? {} : JSON.parse(text)) as Output;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function field(body: unknown, name: string): string | undefined {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
