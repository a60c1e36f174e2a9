import type { Call, Client } from './client';
import { callRest, type Options, readJsonError } from './json';

export interface FunctionConfiguration {
  readonly FunctionName: string;
  readonly FunctionArn: string;
  readonly Runtime?: string;
  readonly Role?: string;
  readonly Handler?: string;
  readonly CodeSize: number;
  readonly Description?: string;
  /** In seconds. */
  readonly Timeout: number;
  /** In megabytes. */
  readonly MemorySize: number;
  /** `2026-11-26T06:48:14.108+0000` */
  readonly LastModified: string;
  readonly CodeSha256: string;
  readonly Version: string;
  readonly RevisionId?: string;
  readonly State?: string;
  readonly StateReason?: string;
  readonly LastUpdateStatus?: string;
  readonly PackageType?: string;
  readonly Architectures?: readonly string[];
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
  readonly EphemeralStorage?: { readonly Size: number };
  readonly Layers?: readonly { readonly Arn: string }[];
  readonly LoggingConfig?: { readonly LogFormat?: string; readonly LogGroup?: string };
  readonly DeadLetterConfig?: { readonly TargetArn?: string };
}

export interface GetFunctionOutput {
  readonly Configuration: FunctionConfiguration;
  readonly Code?: { readonly Location?: string; readonly RepositoryType?: string };
  readonly Tags?: Readonly<Record<string, string>>;
}

export interface UpdateConfigurationInput {
  readonly FunctionName: string;
  readonly Description?: string;
  readonly Handler?: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
}

export interface AliasConfiguration {
  readonly AliasArn: string;
  readonly Name: string;
  readonly FunctionVersion: string;
  readonly Description?: string;
}

export interface Invocation {
  readonly name: string;
  readonly qualifier?: string | undefined;
  /** Whether the answer is awaited. */
  readonly isAwaited: boolean;
  readonly payload: string;
  readonly timeoutSeconds: number;
}

export interface InvocationResult {
  readonly status: number;
  /** `Unhandled`, and its like; none if the function succeeded. */
  readonly error: string | undefined;
  readonly payload: string;
  /** The last 4 KB of its log. */
  readonly log: string;
  readonly version: string | undefined;
  readonly requestId: string;
}

interface Paged {
  readonly Marker?: string | undefined;
}

/** Lambda, the operations that the console uses. */
export function lambda(client: Client) {
  const rest = <Output>(operation: string, method: string, path: string, more: Partial<Call> = {}): Promise<Output> =>
    callRest<Output>(client, { service: 'lambda', operation, method, path: `/2015-03-31/functions${path}`, ...more });
  const body = (input: object) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) });
  return {
    listFunctions: ({ Marker }: Paged, options: Options = {}) =>
      rest<{ Functions: readonly FunctionConfiguration[]; NextMarker?: string }>('ListFunctions', 'GET', '/', { query: query({ Marker, MaxItems: '50' }), ...options }),
    getFunction: (name: string, qualifier: string | undefined, options: Options = {}) =>
      rest<GetFunctionOutput>('GetFunction', 'GET', pathOf(name), { query: query({ Qualifier: qualifier }), ...options }),
    deleteFunction: (name: string, qualifier?: string) =>
      rest<object>('DeleteFunction', 'DELETE', pathOf(name), { query: query({ Qualifier: qualifier }) }),
    updateConfiguration: ({ FunctionName: name, ...input }: UpdateConfigurationInput) =>
      rest<FunctionConfiguration>('UpdateFunctionConfiguration', 'PUT', `${pathOf(name)}/configuration`, body(input)),
    /** `revision`: the one that was read, so that nobody else's change is lost. */
    updateCode: (name: string, zip: Uint8Array, revision: string | undefined) =>
      rest<FunctionConfiguration>('UpdateFunctionCode', 'PUT', `${pathOf(name)}/code`, {
        ...body({ ZipFile: base64(zip), ...(revision === undefined ? {} : { RevisionId: revision }) }),
        timeoutSeconds: CODE_SECONDS,
      }),
    listVersions: (name: string, { Marker }: Paged, options: Options = {}) =>
      rest<{ Versions: readonly FunctionConfiguration[]; NextMarker?: string }>('ListVersionsByFunction', 'GET', `${pathOf(name)}/versions`, {
        query: query({ Marker }),
        ...options,
      }),
    publishVersion: (name: string, description: string) =>
      rest<FunctionConfiguration>('PublishVersion', 'POST', `${pathOf(name)}/versions`, body({ Description: description })),
    listAliases: (name: string, { Marker }: Paged, options: Options = {}) =>
      rest<{ Aliases: readonly AliasConfiguration[]; NextMarker?: string }>('ListAliases', 'GET', `${pathOf(name)}/aliases`, {
        query: query({ Marker }),
        ...options,
      }),
    invoke: (invocation: Invocation) => invoke(client, invocation),
    getCode: (location: string, options: Options = {}) => getCode(client, location, options),
  };
}

/** 50 MB over a slow line. */
const CODE_SECONDS = 300;

function pathOf(name: string): string {
  return `/${encodeURIComponent(name)}`;
}

function query(members: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(members).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])));
}

async function invoke(client: Client, { name, qualifier, isAwaited, payload, timeoutSeconds }: Invocation): Promise<InvocationResult> {
  const response = await client.send(
    {
      service: 'lambda',
      operation: 'Invoke',
      method: 'POST',
      path: `/2015-03-31/functions${pathOf(name)}/invocations`,
      query: query({ Qualifier: qualifier }),
      headers: {
        'content-type': 'application/json',
        'x-amz-invocation-type': isAwaited ? 'RequestResponse' : 'Event',
        ...(isAwaited ? { 'x-amz-log-type': 'Tail' } : {}),
      },
      body: payload,
      timeoutSeconds,
    },
    readJsonError,
  );
  const { headers } = response;
  return {
    status: response.status,
    error: headers.get('x-amz-function-error') ?? undefined,
    payload: await response.text(),
    log: decodeBase64(headers.get('x-amz-log-result') ?? ''),
    version: headers.get('x-amz-executed-version') ?? undefined,
    requestId: headers.get('x-amzn-requestid') ?? '',
  };
}

/** Where the server keeps packages; `Code.Location` names its host as the server knows it, not as the browser does. */
const CODE_PATH = '/_aws/lambda/code/';

async function getCode(client: Client, location: string, { signal }: Options): Promise<Uint8Array> {
  const { pathname, search } = new URL(location);
  if (!pathname.startsWith(CODE_PATH)) {
    throw new Error('The package lies with another service, which this page may not ask.');
  }
  const response = await fetch(`${client.session.endpoint.replace(/\/$/, '')}${pathname}${search}`, { signal: signal ?? null });
  if (!response.ok) {
    throw new Error(`The package is not there any more (HTTP ${response.status}).`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

export function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  // So many arguments a function takes; and a multiple of three, so that the parts join.
  for (let start = 0; start < bytes.length; start += 24_576) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + 24_576))));
  }
  return parts.join('');
}

export function decodeBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
}
