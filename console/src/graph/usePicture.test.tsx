// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as Module from './usePicture';

/** Workers that were made; what they say is up to the test. */
let workers: FakeWorker[] = [];

class FakeWorker extends EventTarget {
  readonly asked: { asker: number }[] = [];

  constructor() {
    super();
    workers.push(this);
  }

  postMessage(message: { asker: number }) {
    this.asked.push(message);
  }

  answer(picture: unknown) {
    act(() => void this.dispatchEvent(new MessageEvent('message', { data: { asker: this.asked.at(-1)?.asker, picture } })));
  }

  fail(event: Event) {
    act(() => void this.dispatchEvent(event));
  }
}

async function shown() {
  vi.resetModules();
  const { usePicture } = await import('./usePicture');
  const seen = { drawing: undefined as unknown as ReturnType<typeof Module.usePicture> };
  function Shown() {
    seen.drawing = usePicture('{}', 'vertical');
    return null;
  }
  act(() => createRoot(document.createElement('div')).render(<Shown />));
  return seen;
}

beforeEach(() => {
  workers = [];
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => vi.unstubAllGlobals());

it('says that the code that lays out did not come, and asks for it again', async () => {
  const seen = await shown();
  workers[0]?.fail(new Event('error'));
  expect(seen.drawing.failure?.name).toBe('NotLoaded');
  act(() => seen.drawing.retry());
  expect(workers).toHaveLength(2);
  workers[1]?.answer('a picture');
  expect(seen.drawing).toMatchObject({ picture: 'a picture', failure: undefined });
});

it('says what the layout stumbled over, and keeps the last picture', async () => {
  const seen = await shown();
  workers[0]?.answer('a picture');
  act(() => seen.drawing.retry());
  workers[0]?.fail(new ErrorEvent('error', { message: 'too deep' }));
  expect(seen.drawing).toMatchObject({ picture: 'a picture', failure: { message: 'too deep' } });
  act(() => seen.drawing.retry());
  expect(workers).toHaveLength(1);
});
