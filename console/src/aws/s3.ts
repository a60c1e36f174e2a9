import type { Call, Client } from './client';
import { parseXml, readXmlError } from './xml';

/** One request to S3 in path style; `key` is encoded here, slashes kept. */
export interface S3Call extends Omit<Call, 'service' | 'path'> {
  readonly bucket?: string;
  readonly key?: string;
}

/** Sends it and hands back the answer, for bodies that are files. */
export function callS3(client: Client, call: S3Call): Promise<Response> {
  const reads = call.reads ?? (call.method === 'GET' || call.method === 'HEAD');
  return client.send({ ...call, service: 's3', path: pathOf(call), reads }, readXmlError);
}

/** Sends it and reads the XML of the answer. */
export async function callS3Xml(client: Client, call: S3Call): Promise<Document> {
  return parseXml(await (await callS3(client, call)).text());
}

/** A link to an object that carries its signature, for `<img>` and downloads. */
export function objectUrl(client: Client, bucket: string, key: string, query: Record<string, string> = {}): Promise<string> {
  const path = pathOf({ bucket, key });
  const call = { service: 's3', operation: 'GetObject', method: 'GET', path, query };
  return client.presign(call, LINK_SECONDS);
}

/** A page is open for an hour; a link in it works as long. */
const LINK_SECONDS = 3600;

export function pathOf({ bucket, key }: { readonly bucket?: string; readonly key?: string }): string {
  const encoded = (key ?? '').split('/').map(encodeSegment).join('/');
  return bucket === undefined ? '/' : `/${bucket}${key === undefined ? '' : `/${encoded}`}`;
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
