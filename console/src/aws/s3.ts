import { Sha256 } from '@aws-crypto/sha256-js';
import type { Call, Client } from './client';
import { AwsError } from './errors';
import type { Options } from './json';
import { children, element, parseXml, readXmlError, text } from './xml';

/** One request to S3 in path style; `key` is encoded here, slashes kept. */
export interface S3Call extends Omit<Call, 'service' | 'path'> {
  readonly bucket?: string;
  readonly key?: string;
}

export interface Bucket {
  readonly name: string;
  /** In seconds since 1970, as all instants here. */
  readonly created: number;
}

export interface S3Object {
  readonly key: string;
  readonly bytes: number;
  readonly modified: number;
  readonly etag: string;
  readonly storageClass: string;
}

export interface ListInput {
  readonly bucket: string;
  readonly prefix?: string;
  /** `/` groups what lies deeper into folders. */
  readonly delimiter?: string;
  readonly nextToken?: string | undefined;
  readonly maxKeys?: number;
}

export interface ObjectPage {
  /** Common prefixes, each with the delimiter at its end. */
  readonly folders: readonly string[];
  readonly objects: readonly S3Object[];
  readonly nextToken?: string | undefined;
}

export interface ObjectHead {
  readonly bytes: number;
  readonly contentType: string;
  readonly etag: string;
  readonly modified: number | undefined;
  /** The user's own, without `x-amz-meta-`. */
  readonly metadata: readonly (readonly [name: string, value: string])[];
  /** `Cache-Control` and its like, and checksums. */
  readonly system: readonly (readonly [name: string, value: string])[];
}

export interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** S3, the operations that the console uses. */
export function s3(client: Client) {
  return {
    listBuckets: async (options: Options = {}): Promise<Bucket[]> =>
      readBuckets(await callS3Xml(client, { operation: 'ListBuckets', method: 'GET', ...options })),
    createBucket: (bucket: string) => createBucket(client, bucket),
    deleteBucket: (bucket: string) => callS3(client, { operation: 'DeleteBucket', method: 'DELETE', bucket }),
    listObjects: (input: ListInput, options: Options = {}) => listObjects(client, input, options),
    headObject: async ({ bucket, key }: Place, options: Options = {}): Promise<ObjectHead> =>
      readHead((await callS3(client, { operation: 'HeadObject', method: 'HEAD', bucket, key, ...options })).headers),
    /** The first bytes of an object, as many as there are up to `bytesMax`. */
    getStart: (place: Place, bytesMax: number, options: Options = {}) => getStart(client, place, bytesMax, options),
    putObject: ({ bucket, key }: Place, body: Blob, contentType: string, options: Options = {}) =>
      callS3(client, { operation: 'PutObject', method: 'PUT', bucket, key, body, headers: { 'content-type': contentType }, ...options }),
    deleteObjects: (bucket: string, keys: readonly string[]) => deleteObjects(client, bucket, keys),
    createUpload: (place: Place, contentType: string, options: Options = {}) => createUpload(client, place, contentType, options),
    uploadPart: (place: Place, uploadId: string, number: number, body: Blob, options: Options = {}) =>
      uploadPart(client, place, uploadId, number, body, options),
    completeUpload: (place: Place, uploadId: string, etags: readonly string[]) => completeUpload(client, place, uploadId, etags),
    abortUpload: ({ bucket, key }: Place, uploadId: string) =>
      callS3(client, { operation: 'AbortMultipartUpload', method: 'DELETE', bucket, key, query: { uploadId } }),
  };
}

/** Sends it and hands back the answer, for bodies that are files. */
export function callS3(client: Client, call: S3Call): Promise<Response> {
  const reads = call.reads ?? (call.method === 'GET' || call.method === 'HEAD');
  return client.send({ ...call, service: 's3', path: pathOf(call), reads }, readXmlError);
}

/** Sends it and reads the XML of the answer. */
export async function callS3Xml(client: Client, call: S3Call): Promise<Document> {
  const response = await callS3(client, call);
  const document = parseXml(await response.text());
  // Long work is answered 200 before it is done, and may still fail.
  if (document.documentElement.tagName === 'Error') {
    const requestId = response.headers.get('x-amz-request-id') ?? '';
    throw new AwsError(text(document, 'Code'), text(document, 'Message'), response.status, requestId, call.operation);
  }
  return document;
}

/** A link to an object that carries its signature, for `<img>` and downloads; it works for an hour unless told otherwise. */
export function objectUrl(
  client: Client,
  bucket: string,
  key: string,
  query: Record<string, string> = {},
  seconds = LINK_SECONDS,
): Promise<string> {
  const path = pathOf({ bucket, key });
  const call = { service: 's3', operation: 'GetObject', method: 'GET', path, query };
  return client.presign(call, seconds);
}

/** A page is open for an hour; a link in it works as long. */
const LINK_SECONDS = 3600;

export function pathOf({ bucket, key }: { readonly bucket?: string; readonly key?: string }): string {
  const encoded = (key ?? '').split('/').map(encodeSegment).join('/');
  return bucket === undefined ? '/' : `/${encodeSegment(bucket)}${key === undefined ? '' : `/${encoded}`}`;
}

function encodeSegment(segment: string): string {
  const encoded = encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  // A browser would resolve `.` and `..` away, however they are written.
  if (/^\.{1,2}$/.test(segment)) {
    throw new Error(`A browser can't name a key with the part "${segment}" in an address; use the AWS CLI for it.`);
  }
  return encoded;
}

async function createBucket(client: Client, bucket: string): Promise<void> {
  const { region } = client.session;
  const body = `<CreateBucketConfiguration xmlns="${NAMESPACE}"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  // The first region has no name of its own here.
  await callS3(client, { operation: 'CreateBucket', method: 'PUT', bucket, ...(region === 'us-east-1' ? {} : { body }) });
}

async function listObjects(client: Client, input: ListInput, options: Options): Promise<ObjectPage> {
  const query: Record<string, string> = { 'list-type': '2', 'encoding-type': 'url', 'max-keys': String(input.maxKeys ?? 1000) };
  if (input.prefix !== undefined && input.prefix !== '') {
    query['prefix'] = input.prefix;
  }
  if (input.delimiter !== undefined) {
    query['delimiter'] = input.delimiter;
  }
  if (input.nextToken !== undefined) {
    query['continuation-token'] = input.nextToken;
  }
  return readObjects(await callS3Xml(client, { operation: 'ListObjectsV2', method: 'GET', bucket: input.bucket, query, ...options }));
}

export function readBuckets(document: Document): Bucket[] {
  const list = element(document, 'Buckets');
  return (list === undefined ? [] : children(list, 'Bucket')).map((bucket) => ({
    name: text(bucket, 'Name'),
    created: seconds(text(bucket, 'CreationDate')),
  }));
}

export function readObjects(document: Document): ObjectPage {
  const root = document.documentElement;
  // Keys may hold what XML can't, so they are asked for as in URLs.
  const decode = children(root, 'EncodingType')[0]?.textContent === 'url' ? decodeKey : (key: string) => key;
  const nextToken = children(root, 'NextContinuationToken')[0]?.textContent ?? undefined;
  return {
    folders: children(root, 'CommonPrefixes').map((prefix) => decode(text(prefix, 'Prefix'))),
    objects: children(root, 'Contents').map((object) => ({
      key: decode(text(object, 'Key')),
      bytes: Number(text(object, 'Size')),
      modified: seconds(text(object, 'LastModified')),
      etag: text(object, 'ETag').replaceAll('"', ''),
      storageClass: text(object, 'StorageClass'),
    })),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', '%20'));
}

const SYSTEM_HEADERS =
  /^(cache-control|content-(disposition|encoding|language)|expires|x-amz-(checksum-.*|storage-class|server-side-encryption|version-id|website-redirect-location))$/;

export function readHead(headers: Headers): ObjectHead {
  const modified = Date.parse(headers.get('last-modified') ?? '');
  const all = [...headers];
  return {
    bytes: Number(headers.get('content-length') ?? 0),
    contentType: headers.get('content-type') ?? '',
    etag: (headers.get('etag') ?? '').replaceAll('"', ''),
    modified: Number.isNaN(modified) ? undefined : modified / 1000,
    metadata: all.flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), value] as const] : [])),
    system: all.filter(([name]) => SYSTEM_HEADERS.test(name)),
  };
}

async function getStart(client: Client, { bucket, key }: Place, bytesMax: number, options: Options): Promise<Uint8Array> {
  const headers = { range: `bytes=0-${bytesMax - 1}` };
  const response = await callS3(client, { operation: 'GetObject', method: 'GET', bucket, key, headers, ...options });
  return new Uint8Array(await response.arrayBuffer());
}

/** What one DeleteObjects takes. */
export const DELETED_AT_ONCE_MAX = 1000;

async function deleteObjects(client: Client, bucket: string, keys: readonly string[]): Promise<void> {
  // What XML can't hold goes one by one, by its URL.
  const isWritable = (key: string) => !UNWRITABLE.test(key);
  for (const key of keys.filter((key) => !isWritable(key))) {
    await callS3(client, { operation: 'DeleteObject', method: 'DELETE', bucket, key });
  }
  const writable = keys.filter(isWritable);
  for (let start = 0; start < writable.length; start += DELETED_AT_ONCE_MAX) {
    await deleteBatch(client, bucket, writable.slice(start, start + DELETED_AT_ONCE_MAX));
  }
}

async function deleteBatch(client: Client, bucket: string, keys: readonly string[]): Promise<void> {
  const body = deletion(keys);
  const headers = { 'content-type': 'application/xml', 'x-amz-checksum-sha256': await checksum(body) };
  const answer = await callS3Xml(client, { operation: 'DeleteObjects', method: 'POST', bucket, query: { delete: '' }, headers, body });
  const [failed, ...others] = children(answer.documentElement, 'Error');
  if (failed !== undefined) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    const message = `${text(failed, 'Key')}: ${text(failed, 'Message')}${more}`;
    throw new AwsError(text(failed, 'Code'), message, 200, '', 'DeleteObjects');
  }
}

export function deletion(keys: readonly string[]): string {
  const objects = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join('');
  return `<Delete xmlns="${NAMESPACE}"><Quiet>true</Quiet>${objects}</Delete>`;
}

async function createUpload(client: Client, { bucket, key }: Place, contentType: string, options: Options): Promise<string> {
  const call = { operation: 'CreateMultipartUpload', method: 'POST', bucket, key, query: { uploads: '' } };
  const headers = { 'content-type': contentType };
  return text(await callS3Xml(client, { ...call, headers, ...options }), 'UploadId');
}

async function uploadPart(client: Client, { bucket, key }: Place, uploadId: string, number: number, body: Blob, options: Options): Promise<string> {
  const query = { partNumber: String(number), uploadId };
  // The same part may be sent again: the later one stands.
  const response = await callS3(client, { operation: 'UploadPart', method: 'PUT', bucket, key, query, body, reads: true, ...options });
  return response.headers.get('etag') ?? '';
}

async function completeUpload(client: Client, { bucket, key }: Place, uploadId: string, etags: readonly string[]): Promise<void> {
  const body = completion(etags);
  const headers = { 'content-type': 'application/xml' };
  const call = { operation: 'CompleteMultipartUpload', method: 'POST', bucket, key, query: { uploadId }, headers, body };
  await callS3Xml(client, { ...call, timeoutSeconds: COMPLETE_SECONDS });
}

/** The server may have to copy terabytes' worth of parts together. */
const COMPLETE_SECONDS = 600;

/** The parts in their order, by what each was answered with. */
export function completion(etags: readonly string[]): string {
  const parts = etags.map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`);
  return `<CompleteMultipartUpload xmlns="${NAMESPACE}">${parts.join('')}</CompleteMultipartUpload>`;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
// eslint-disable-next-line no-control-regex -- the characters that XML 1.0 excludes
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

function escapeXml(source: string): string {
  // White space that a parser would change or trim is written as a reference.
  return source.replace(/[&<>"'\r\n\t]/g, (c) => `&#${c.charCodeAt(0)};`);
}

async function checksum(body: string): Promise<string> {
  const hash = new Sha256();
  hash.update(body);
  return btoa(String.fromCharCode(...(await hash.digest())));
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
