import type { Place, s3 } from '../aws/s3';
import { planParts } from './plan';

type Api = Pick<ReturnType<typeof s3>, 'putObject' | 'createUpload' | 'uploadPart' | 'completeUpload' | 'abortUpload'>;

/** Parts on their way at once: enough to keep a connection busy. */
const PARTS_AT_ONCE = 3;
/** A part may take this long, on a slow line too. */
const PART_SECONDS = 900;

/** Sends a file, in parts if it is large; tells how many bytes are there as they arrive. */
export async function upload(api: Api, place: Place, file: Blob, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<void> {
  const parts = planParts(file.size);
  const contentType = file.type === '' ? 'application/octet-stream' : file.type;
  const options = { signal, timeoutSeconds: PART_SECONDS };
  if (parts.length === 1) {
    await api.putObject(place, file, contentType, options);
    onProgress(file.size);
    return;
  }
  const uploadId = await api.createUpload(place, contentType, { signal });
  try {
    const etags: string[] = [];
    const left = [...parts];
    let sent = 0;
    const stop = new AbortController();
    const both = { ...options, signal: AbortSignal.any([signal, stop.signal]) };
    const worker = async () => {
      for (let part = left.shift(); part !== undefined; part = left.shift()) {
        const body = file.slice(part.start, part.end);
        etags[part.number - 1] = await api.uploadPart(place, uploadId, part.number, body, both);
        sent += part.end - part.start;
        onProgress(sent);
      }
    };
    const workers = Array.from({ length: PARTS_AT_ONCE }, worker);
    // When one fails the others stop, so that none arrives after the upload was called off.
    await Promise.all(workers).catch(async (error: unknown) => {
      stop.abort();
      await Promise.allSettled(workers);
      throw error;
    });
    await api.completeUpload(place, uploadId, etags);
  } catch (error) {
    // What failed says more than a failure to tidy up after it.
    await api.abortUpload(place, uploadId).catch(() => undefined);
    throw error;
  }
}
