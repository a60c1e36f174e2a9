import { useEffect, useRef, useState } from 'react';
import type { Orientation } from './layout';
import type { Picture } from './source';

interface Request {
  definition: unknown;
  orientation: Orientation;
}

/** The picture of a text this long is large itself, and taking it over holds up the page: it waits until typing rests. */
const LONG = 60_000;
const REST_MS = 350;

interface Drawing {
  readonly picture: Picture | undefined;
  /** Why the definition could not be drawn. */
  readonly failure: Error | undefined;
  readonly retry: () => void;
}

/** The code that lays out did not come. */
export class NotLoaded extends Error {
  override readonly name = 'NotLoaded';
}

/**
 * Lays out in a worker, one definition at a time and of those that wait only the last: typing never waits for it.
 * Until there is a new picture the last one stands.
 */
export function usePicture(definition: unknown, orientation: Orientation): Drawing {
  const [picture, setPicture] = useState<Picture>();
  const [failure, setFailure] = useState<Error>();
  const painter = useRef<Painter>(undefined);
  useEffect(() => {
    const made = new Painter((next) => {
      setFailure(next instanceof Error ? next : undefined);
      if (next !== undefined && !(next instanceof Error)) setPicture(next);
    });
    painter.current = made;
    return () => made.close();
  }, []);
  useEffect(() => {
    const ask = () => painter.current?.ask({ definition, orientation });
    if (typeof definition !== 'string' || definition.length < LONG) {
      ask();
      return;
    }
    const timer = setTimeout(ask, REST_MS);
    return () => clearTimeout(timer);
  }, [definition, orientation]);
  return { picture, failure, retry: () => painter.current?.ask({ definition, orientation }) };
}

/** One worker for all graphs of the page; each answers under the number of whoever asked. */
let shared: Worker | undefined;
let painters = 0;

interface Answer {
  asker: number;
  picture: Picture | undefined;
}

class Painter {
  private worker: Worker | undefined;
  private readonly number = (painters += 1);
  private waiting: Request | undefined;
  private busy = false;
  private closed = false;

  constructor(private readonly done: (result: Picture | Error | undefined) => void) {}

  ask(request: Request): void {
    if (this.busy) {
      this.waiting = request;
      return;
    }
    this.busy = true;
    this.connect().postMessage({ asker: this.number, ...request });
  }

  close(): void {
    this.closed = true;
    this.leave();
  }

  private connect(): Worker {
    const worker = (shared ??= new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' }));
    if (worker !== this.worker) {
      this.leave();
      this.worker = worker;
      worker.addEventListener('message', this.heard);
      worker.addEventListener('error', this.failed);
    }
    return worker;
  }

  private leave(): void {
    this.worker?.removeEventListener('message', this.heard);
    this.worker?.removeEventListener('error', this.failed);
    this.worker = undefined;
  }

  private readonly heard = ({ data }: MessageEvent<Answer>) => {
    if (data.asker === this.number) this.finish(data.picture);
  };

  private readonly failed = (event: Event) => {
    // A worker that runs names what it stumbled over; one that was not loaded names nothing, and answers nobody any more.
    const message = 'message' in event && typeof event.message === 'string' ? event.message : '';
    if (message === '' && shared === this.worker) shared = undefined;
    if (this.busy) this.finish(message === '' ? new NotLoaded() : new Error(message));
  };

  private finish(result: Picture | Error | undefined): void {
    if (this.closed) return;
    this.busy = false;
    this.done(result);
    const next = this.waiting;
    this.waiting = undefined;
    if (next !== undefined) this.ask(next);
  }
}
