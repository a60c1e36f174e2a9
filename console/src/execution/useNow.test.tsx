// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, it, vi } from 'vitest';
import { serverAnswered, serverGone } from '../app/connection';
import { useNow } from './useNow';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('stands still while the server is gone, and goes on with the present', () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.useFakeTimers();
  const began = Date.now() / 1000;
  let now = 0;
  function Shown() {
    now = useNow(true) - began;
    return null;
  }
  const pass = (seconds: number) =>
    act(() => {
      vi.advanceTimersByTime(seconds * 1000);
    });
  act(() => createRoot(document.createElement('div')).render(<Shown />));
  pass(3);
  expect(now).toBeCloseTo(3);
  act(serverGone);
  vi.stubGlobal('fetch', () => new Promise(() => undefined));
  pass(10);
  expect(now).toBeCloseTo(3);
  act(serverAnswered);
  pass(1);
  expect(now).toBeCloseTo(14);
});
