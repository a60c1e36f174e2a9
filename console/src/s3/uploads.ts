import { useSyncExternalStore } from 'react';
import { errorText } from '../app/notifications';
import type { Client } from '../aws/client';
import { s3 } from '../aws/s3';
import type { Chosen } from './drop';
import { upload } from './upload';

/** A file on its way, or what became of it. They go on from page to page, as long as the tab is open. */
export interface Upload {
  readonly id: number;
  readonly bucket: string;
  readonly key: string;
  readonly bytes: number;
  readonly sent: number;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly problem?: string;
}

interface Job extends Chosen {
  readonly id: number;
  readonly client: Client;
  readonly stop: AbortController;
  readonly onDone: () => void;
}

/** Files on their way at once: small files wait for the server, not for the line. */
const FILES_AT_ONCE = 3;
/** Whoever shows the bucket reads it again at most so often while files arrive, and once after the last. */
const TELL_MS = 1000;

let uploads: readonly Upload[] = [];
let lastId = 0;
let running = 0;
const jobs = new Map<number, Job>();
const tellers = new Map<string, ReturnType<typeof setTimeout>>();
const listeners = new Set<() => void>();

export function useUploads(): readonly Upload[] {
  return useSyncExternalStore(subscribe, currentUploads);
}

export const currentUploads = (): readonly Upload[] => uploads;

/** Sends files below a prefix. `onDone`: some have arrived. */
export function startUploads(client: Client, bucket: string, prefix: string, files: readonly Chosen[], onDone: () => void): void {
  const added = files.map(({ file, path }): Upload => {
    const id = (lastId += 1);
    jobs.set(id, { id, file, path, client, stop: new AbortController(), onDone });
    return { id, bucket, key: prefix + path.normalize('NFC'), bytes: file.size, sent: 0, state: 'waiting' };
  });
  set([...uploads, ...added]);
  pump();
}

/** Whether it is not through. */
export function isOpen({ state }: Upload): boolean {
  return state === 'waiting' || state === 'running';
}

/** Stops those into a bucket that are not through. */
export function cancelUploads(bucket: string): void {
  for (const { id } of uploads.filter((upload) => upload.bucket === bucket && isOpen(upload))) {
    jobs.get(id)?.stop.abort();
    jobs.delete(id);
    change(id, { state: 'cancelled' });
  }
}

/** Takes away those into a bucket that have ended. */
export function clearUploads(bucket: string): void {
  set(uploads.filter((upload) => upload.bucket !== bucket || isOpen(upload)));
}

function pump(): void {
  while (running < FILES_AT_ONCE) {
    const next = uploads.find(({ state }) => state === 'waiting');
    const job = next === undefined ? undefined : jobs.get(next.id);
    if (next === undefined || job === undefined) {
      return;
    }
    running += 1;
    change(next.id, { state: 'running' });
    void run(next, job).finally(() => {
      running -= 1;
      jobs.delete(job.id);
      pump();
    });
  }
}

async function run({ bucket, key }: Upload, job: Job): Promise<void> {
  try {
    await upload(s3(job.client), { bucket, key }, job.file, job.stop.signal, (sent) => change(job.id, { sent }));
    change(job.id, { state: 'done', sent: job.file.size });
    tell(bucket, job.onDone);
  } catch (error) {
    if (!job.stop.signal.aborted) {
      change(job.id, { state: 'failed', problem: errorText(error) });
    }
  }
}

function tell(bucket: string, onDone: () => void): void {
  const isLast = !uploads.some((upload) => upload.bucket === bucket && isOpen(upload));
  if (!isLast && tellers.has(bucket)) {
    return;
  }
  const now = () => {
    tellers.delete(bucket);
    onDone();
  };
  clearTimeout(tellers.get(bucket));
  if (isLast) {
    now();
  } else {
    tellers.set(bucket, setTimeout(now, TELL_MS));
  }
}

function change(id: number, changed: Partial<Upload>): void {
  set(uploads.map((upload) => (upload.id === id ? { ...upload, ...changed } : upload)));
}

function set(next: readonly Upload[]): void {
  uploads = next;
  // Leaving the site would end them: the browser asks first, whatever page is shown.
  if (next.some(isOpen)) {
    window.addEventListener('beforeunload', warn);
  } else {
    window.removeEventListener('beforeunload', warn);
  }
  listeners.forEach((listener) => listener());
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
