// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as Module from './connection';

let connection: typeof Module;
let stop: () => void;
let there = true;
const ask = vi.fn(() => (there ? Promise.resolve(new Response('')) : Promise.reject(new TypeError('Failed to fetch'))));

/** What a page sees. */
function page() {
  const seen = { gone: false };
  function Shown() {
    seen.gone = connection.useServerGone();
    return null;
  }
  act(() => createRoot(document.createElement('div')).render(<Shown />));
  return seen;
}

const pass = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));

beforeEach(async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('fetch', ask);
  vi.useFakeTimers();
  vi.resetModules();
  there = true;
  ask.mockClear();
  connection = await import('./connection');
  stop = connection.watchServer();
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it('notices that the server went away while nothing is asked of it, and that it is back', async () => {
  const seen = page();
  await pass(20_000);
  expect(seen.gone).toBe(false);
  there = false;
  await pass(20_000);
  expect(seen.gone).toBe(true);
  there = true;
  await pass(20_000);
  expect(seen.gone).toBe(false);
});

it('asks nothing while others are answered, or nobody looks', async () => {
  for (let second = 0; second < 30; second += 1) {
    connection.serverAnswered();
    await pass(1000);
  }
  expect(ask).not.toHaveBeenCalled();
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  await pass(30_000);
  expect(ask).not.toHaveBeenCalled();
});

it('waits for an answer that takes its time', async () => {
  ask.mockImplementationOnce(() => new Promise(() => undefined));
  const seen = page();
  await pass(60_000);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(seen.gone).toBe(false);
});
