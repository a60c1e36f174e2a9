// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Browser } from './Browser';

beforeEach(() => vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true));
afterEach(() => vi.unstubAllGlobals());

function clicked(hindrance: string | undefined) {
  const host = document.createElement('div');
  const inserted = vi.fn();
  act(() => createRoot(host).render(<Browser hindrance={hindrance} onInsert={inserted} onDrag={() => undefined} />));
  act(() => host.querySelector<HTMLButtonElement>('.ce-item')?.click());
  return { host, inserted };
}

test('a state is put in by a click', () => {
  expect(clicked(undefined).inserted).toHaveBeenCalledOnce();
});

test('where nothing can be put in, the states say so and do nothing', () => {
  const { host, inserted } = clicked('The text cannot be read.');
  expect(inserted).not.toHaveBeenCalled();
  expect(host.textContent).toContain('The text cannot be read.');
  expect([...host.querySelectorAll<HTMLButtonElement>('.ce-item')].every(({ disabled, draggable }) => disabled && !draggable)).toBe(true);
});
