// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, it, vi } from 'vitest';
import { Arrival } from './Arrival';

afterEach(() => vi.unstubAllGlobals());

it('brings what was asked for into view when it has come, and again when another has', () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const scroll = (Element.prototype.scrollIntoView = vi.fn());
  const place = document.body.appendChild(document.createElement('div'));
  const page = createRoot(place);
  const show = (shown: string | undefined) => act(() => page.render(<Arrival label="Result" shown={shown}>text</Arrival>));
  show(undefined);
  expect(scroll).not.toHaveBeenCalled();
  show('first');
  show('first');
  expect(scroll).toHaveBeenCalledTimes(1);
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Result');
  show('second');
  expect(scroll).toHaveBeenCalledTimes(2);
  act(() => page.unmount());
});
