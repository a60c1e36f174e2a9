import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

/** A key as one gives it to any AWS client. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What is signed: the path is the one that the server sees. */
export interface Unsigned {
  readonly method: string;
  /** `host:port` as the browser will send it. */
  readonly host: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

export interface Scope {
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  /** The time that the signature names; the present if absent. */
  readonly at?: Date;
}

/**
 * The headers to send, the signature among them, without `host`: browsers write that one themselves.
 *
 * WebCrypto is absent on pages that come over plain HTTP, so the hash is JavaScript's own.
 */
export async function signedHeaders(request: Unsigned, scope: Scope): Promise<Record<string, string>> {
  const signed = await signer(scope).sign(toSmithy(request), dated(scope));
  const headers = { ...signed.headers };
  delete headers['host'];
  return headers;
}

/** The query of a link that whoever has it may follow for so many seconds. */
export async function presignedQuery(
  request: Unsigned,
  scope: Scope,
  seconds: number,
): Promise<Record<string, string>> {
  // Whoever follows the link sends no hash of a body, so the signature names none.
  const hash = new Set(['x-amz-content-sha256']);
  const headers = { ...request.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const signed = await signer(scope).presign(toSmithy({ ...request, headers }), {
    ...dated(scope),
    expiresIn: seconds,
    unsignableHeaders: hash,
    unhoistableHeaders: hash,
  });
  return Object.fromEntries(Object.entries(signed.query ?? {}).map(([name, value]) => [name, String(value)]));
}

function signer({ credentials, region, service }: Scope): SignatureV4 {
  const isS3 = service === 's3';
  return new SignatureV4({
    credentials,
    region,
    service,
    sha256: Sha256,
    // S3 signs keys as they stand in the URL, and wants the hash of the body in a header.
    uriEscapePath: !isS3,
    applyChecksum: isS3,
  });
}

function dated(scope: Scope): { signingDate?: Date } {
  return scope.at === undefined ? {} : { signingDate: scope.at };
}

function toSmithy(request: Unsigned) {
  const { hostname, port } = new URL(`http://${request.host}`);
  return {
    method: request.method,
    protocol: 'http:',
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path: request.path,
    query: { ...request.query },
    headers: { ...request.headers, host: request.host },
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}
