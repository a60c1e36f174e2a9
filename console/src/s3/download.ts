import type { Client } from '../aws/client';
import { objectUrl } from '../aws/s3';
import { baseName } from './names';
import { attachment } from './preview';

/** Saves an object as a file; the browser fetches it, however large. */
export async function download(client: Client, bucket: string, key: string): Promise<void> {
  const name = baseName(key);
  const link = document.createElement('a');
  // Never shown in a page: what is in a bucket must not run as the console.
  link.href = await objectUrl(client, bucket, key, { 'response-content-disposition': attachment(name) });
  link.download = name;
  link.click();
}
