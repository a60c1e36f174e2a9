import { useEffect, useRef, useState } from 'react';
import type { Orientation } from './layout';
import type { Picture } from './source';

interface Request {
  definition: unknown;
  orientation: Orientation;
}

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
  useEffect(() => painter.current?.ask({ definition, orientation }), [definition, orientation]);
  return picture;
}

class Painter {
  private readonly worker: Worker | undefined;
  private waiting: Request | undefined;
  private busy = false;
  private closed = false;

  constructor(private readonly done: (picture: Picture | undefined) => void) {
    if (typeof Worker === 'undefined') return;
    this.worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
    this.worker.addEventListener('message', ({ data }: MessageEvent<Picture | undefined>) => this.finish(data));
    this.worker.addEventListener('error', () => this.finish(undefined));
  }

  ask(request: Request): void {
    if (this.busy) {
      this.waiting = request;
      return;
    }
    this.busy = true;
    if (this.worker !== undefined) this.worker.postMessage(request);
    else void this.here(request);
  }

  close(): void {
    this.closed = true;
    this.worker?.terminate();
  }

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
