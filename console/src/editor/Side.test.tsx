// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Side } from './Side';

let host: HTMLElement;
let root: ReturnType<typeof createRoot>;
const draw = (side: 'start' | 'end') => {
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  act(() => root.render(<Side id={side} name="Forms" side={side} width={400} min={300} share={0.5}>text</Side>));
};
const gone = () => {
  act(() => root.unmount());
  host.remove();
};
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  localStorage.clear();
  vi.stubGlobal('innerWidth', 1000);
});
afterEach(() => {
  gone();
  vi.unstubAllGlobals();
});

const grip = () => host.querySelector('[role=separator]');
const width = () => Number(grip()?.getAttribute('aria-valuenow'));
const press = (key: string) => act(() => { grip()?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })); });
const toggle = () => host.querySelector('button');

test('arrows move the edge, within what it may take', () => {
  draw('end');
  press('ArrowLeft');
  expect(width()).toBe(424);
  for (let times = 0; times < 20; times += 1) press('ArrowLeft');
  expect(width()).toBe(500);
  for (let times = 0; times < 30; times += 1) press('ArrowRight');
  expect(width()).toBe(300);
  gone();
  draw('start');
  press('ArrowRight');
  expect(width()).toBe(424);
});

test('a pane that is put away or made wider is so the next time', () => {
  draw('end');
  press('ArrowLeft');
  expect(toggle()?.getAttribute('aria-label')).toBe('Hide Forms');
  act(() => toggle()?.click());
  expect(host.querySelector('[data-closed]')).not.toBeNull();
  gone();
  draw('end');
  expect(toggle()?.getAttribute('aria-label')).toBe('Show Forms');
  act(() => toggle()?.click());
  expect([host.querySelector('[data-closed]'), width()]).toEqual([null, 424]);
});
