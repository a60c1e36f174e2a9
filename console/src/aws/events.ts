import { AwsError } from './errors';
import { pause } from './pause';

/** One of a stream of server-sent events (HTML standard, 9.2). */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

interface Stream {
  readonly open: (signal: AbortSignal) => Promise<Response>;
  /** The stream is there: what comes from now on is told. */
  readonly opened?: () => void;
  /** What came together. */
  readonly take: (events: readonly ServerEvent[]) => void;
  /** The connection is gone; it is tried again. */
  readonly lost?: (error: unknown) => void;
  /** Asked before each try. */
  readonly goesOn?: () => boolean;
  readonly signal: AbortSignal;
}

/** Between two tries. */
const WAIT_MS = 1000;
const WAIT_MS_MAX = 10_000;
/** A server says something every 15 s, if only that it is there: after so long without a word the connection is dead. */
const SILENCE_MS = 40_000;

/**
 * Follows a stream, opened anew when it breaks off or falls silent, until it is stopped or does not go on.
 *
 * A page that nobody sees holds none: a browser has six connections to a server for all its tabs.
 *
 * @returns whether there is such a stream: a server may not know it, or have too many readers.
 */
export async function follow({ open, opened, take, lost, goesOn = () => true, signal }: Stream): Promise<boolean> {
  for (let wait = WAIT_MS; goesOn() && !signal.aborted; ) {
    await seen(signal);
    const unseen = whenUnseen();
    const silence = whenSilent();
    const either = AbortSignal.any([signal, unseen.signal, silence.signal]);
    try {
      const response = await open(either);
      opened?.();
      wait = WAIT_MS;
      await read(response, take, silence.heard, either);
    } catch (error) {
      if (either.aborted) continue;
      if (error instanceof AwsError) return false;
      lost?.(error);
      wait = Math.min(wait * 2, WAIT_MS_MAX);
    } finally {
      unseen.forget();
      silence.forget();
    }
    if (goesOn()) await pause(wait, signal);
  }
  return true;
}

/** Hands over the events of an answer until its end. */
async function read(response: Response, take: Stream['take'], heard: () => void, signal: AbortSignal): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream(), { signal }).getReader();
  if (reader === undefined) return;
  let text = '';
  for (;;) {
    heard();
    const { value, done } = await reader.read();
    if (done) return;
    const { events, rest } = readEvents(text + value);
    text = rest;
    if (events.length > 0) take(events);
  }
}

/** The events of a text, and what of it is not whole yet. */
export function readEvents(text: string): { events: ServerEvent[]; rest: string } {
  const blocks = text.split(/\r?\n\r?\n/);
  const rest = blocks.pop() ?? '';
  const events = blocks.flatMap((block) => {
    const lines = block.split(/\r?\n/);
    const field = (name: string) =>
      lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''));
    const [event] = field('event');
    return event === undefined ? [] : [{ event, data: field('data').join('\n') }];
  });
  return { events, rest };
}

const isUnseen = () => typeof document !== 'undefined' && document.visibilityState === 'hidden';

/** Waits until the page is seen, or until it is stopped. */
async function seen(signal: AbortSignal): Promise<void> {
  while (isUnseen() && !signal.aborted) {
    await new Promise<void>((resolve) => {
      const done = () => {
        document.removeEventListener('visibilitychange', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      document.addEventListener('visibilitychange', done);
      signal.addEventListener('abort', done);
    });
  }
}

/** A signal that the page is not seen any more. */
function whenUnseen(): { readonly signal: AbortSignal; readonly forget: () => void } {
  const stop = new AbortController();
  const heard = () => {
    if (isUnseen()) stop.abort();
  };
  if (typeof document !== 'undefined') document.addEventListener('visibilitychange', heard);
  return {
    signal: stop.signal,
    forget: () => {
      if (typeof document !== 'undefined') document.removeEventListener('visibilitychange', heard);
    },
  };
}

/** A signal that nothing was heard for too long. */
function whenSilent(): { readonly signal: AbortSignal; readonly heard: () => void; readonly forget: () => void } {
  const stop = new AbortController();
  const start = () => setTimeout(() => stop.abort(), SILENCE_MS);
  let timer = start();
  return {
    signal: stop.signal,
    heard: () => {
      clearTimeout(timer);
      timer = start();
    },
    forget: () => clearTimeout(timer),
  };
}
