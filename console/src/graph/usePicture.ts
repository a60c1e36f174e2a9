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

/**
 * Lays out in a worker, one definition at a time and of those that wait only the last: typing never waits for it.
 * Until there is a new picture the last one stands.
 */
export function usePicture(definition: unknown, orientation: Orientation): Picture | undefined {
  const [picture, setPicture] = useState<Picture>();
  const painter = useRef<Painter>(undefined);
  useEffect(() => {
    const made = new Painter((next) => { if (next !== undefined) setPicture(next); });
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
  return picture;
}

/** One worker for all graphs of the page; each answers under the number of whoever asked. */
let shared: Worker | undefined;
let painters = 0;

interface Answer {
  asker: number;
  picture: Picture | undefined;
}

class Painter {
  private readonly worker: Worker | undefined;
  private readonly number = (painters += 1);
  private waiting: Request | undefined;
  private busy = false;
  private closed = false;

  constructor(private readonly done: (picture: Picture | undefined) => void) {
    if (typeof Worker === 'undefined') return;
    this.worker = shared ??= new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
    this.worker.addEventListener('message', this.heard);
    this.worker.addEventListener('error', this.failed);
  }

  ask(request: Request): void {
    if (this.busy) {
      this.waiting = request;
      return;
    }
    this.busy = true;
    if (this.worker !== undefined) this.worker.postMessage({ asker: this.number, ...request });
    else void this.here(request);
  }

  close(): void {
    this.closed = true;
    this.worker?.removeEventListener('message', this.heard);
    this.worker?.removeEventListener('error', this.failed);
  }

  private readonly heard = ({ data }: MessageEvent<Answer>) => {
    if (data.asker === this.number) this.finish(data.picture);
  };

  private readonly failed = () => this.finish(undefined);

  /** Where there are no workers (unit tests): a deferred task. */
  private async here({ definition, orientation }: Request): Promise<void> {
    const { pictureOf } = await import('./source');
    this.finish(pictureOf(definition, orientation));
  }

  private finish(picture: Picture | undefined): void {
    if (this.closed) return;
    this.busy = false;
    this.done(picture);
    const next = this.waiting;
    this.waiting = undefined;
    if (next !== undefined) this.ask(next);
  }
}
