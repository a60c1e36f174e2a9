import { AwsError, NetworkError, TimeoutError } from './errors';
import { pause } from './pause';
import { type Credentials, presignedQuery, signedHeaders } from './sign';

/** Who calls, where, and in which region. */
export interface Session {
  /** The server's root, with a slash at its end: `http://127.0.0.1:4566/`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

export interface Call {
  /** The name in the signature's scope: `states`. */
  readonly service: string;
  /** For messages: `StartExecution`. */
  readonly operation: string;
  readonly method?: string;
  /** Below the endpoint, percent-encoded, with a slash at its beginning. */
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array | Blob;
  /** It changes nothing, so it may be sent again when no answer came. */
  readonly reads?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** 30 if absent. */
  readonly timeoutSeconds?: number;
}

/** Reads an error out of an answer that is not a success. */
export type ReadError = (response: Response, text: string) => { code: string; message: string };

/** Tells whoever shows it whether the server answers. */
export interface Watcher {
  answered(): void;
  gone(): void;
  refused(error: AwsError): void;
}

/** An AWS client like any other, for one session. */
export class Client {
  constructor(
    readonly session: Session,
    private readonly watcher?: Watcher,
    private readonly fetcher: typeof fetch = (...request) => fetch(...request),
  ) {}

  /** Sends a call and hands back the successful answer, its body unread. */
  async send(call: Call, readError: ReadError): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.once(call, readError);
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || call.reads !== true || !isPassing(error)) {
          throw error;
        }
        await pause(BACKOFF_MS * 2 ** (attempt - 1), call.signal);
        call.signal?.throwIfAborted();
      }
    }
  }

  /** An address for `<img>` and downloads that carries its signature. */
  async presign(call: Call, seconds: number): Promise<string> {
    const { session } = this;
    const scope = { credentials: session.credentials, region: session.region, service: call.service };
    const request = { ...this.unsigned(call), headers: {} };
    return this.url(call, await presignedQuery(request, scope, seconds));
  }

  private async once(call: Call, readError: ReadError): Promise<Response> {
    const { session } = this;
    const scope = { credentials: session.credentials, region: session.region, service: call.service };
    const headers = await signedHeaders(this.unsigned(call), scope);
    const response = await this.fetch(call, headers);
    this.watcher?.answered();
    if (response.ok) {
      return response;
    }
    const { code, message } = readError(response, await response.text());
    const requestId = response.headers.get('x-amzn-requestid') ?? response.headers.get('x-amz-request-id') ?? '';
    const error = new AwsError(code, message, response.status, requestId, call.operation);
    if (error.refusesCaller) {
      this.watcher?.refused(error);
    }
    throw error;
  }

  private async fetch(call: Call, headers: Record<string, string>): Promise<Response> {
    const seconds = call.timeoutSeconds ?? TIMEOUT_SECONDS;
    const timeout = AbortSignal.timeout(seconds * 1000);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
    const body = call.body === undefined ? {} : { body: call.body as BodyInit };
    const method = call.method ?? 'POST';
    try {
      return await this.fetcher(this.url(call, call.query ?? {}), { method, headers, signal, ...body });
    } catch (error) {
      call.signal?.throwIfAborted();
      if (timeout.aborted) {
        throw new TimeoutError(call.operation, seconds);
      }
      this.watcher?.gone();
      throw new NetworkError(call.operation, { cause: error });
    }
  }

  private unsigned(call: Call) {
    const isBlob = call.body instanceof Blob;
    // A file is not read twice only to be hashed: S3 takes it unsigned.
    const unsignedBody = isBlob ? { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } : {};
    return {
      method: call.method ?? 'POST',
      host: new URL(this.session.endpoint).host,
      // What stands before the server's root is a proxy's, and the server never sees it.
      path: call.path ?? '/',
      query: call.query ?? {},
      headers: { ...call.headers, ...unsignedBody },
      ...(call.body === undefined || call.body instanceof Blob ? {} : { body: call.body }),
    };
  }

  private url(call: Call, query: Record<string, string>): string {
    // The signature is over %20, so a space must not become a plus.
    const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
    const root = this.session.endpoint.replace(/\/$/, '');
    return `${root}${call.path ?? '/'}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
  }
}

const ATTEMPTS_MAX = 3;
const BACKOFF_MS = 200;
const TIMEOUT_SECONDS = 30;

function isPassing(error: unknown): boolean {
  return error instanceof NetworkError || (error instanceof AwsError && error.isThrottle);
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
