// @vitest-environment jsdom
import { act, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Draft, useDraft } from './useDraft';

const refugeOf = (text?: string) => ({ text });

/** A field for a number: what it shows, what the definition has, and how often that was changed. */
function numberField(when: 'onRest' | 'onLeave' = 'onRest', refuge = refugeOf()) {
  const seen = { draft: undefined as unknown as Draft, value: 0, commits: 0 };
  function Field() {
    const [value, setValue] = useState(0);
    const [kept, setKept] = useState(refuge.text);
    seen.value = value;
    seen.draft = useDraft(String(value), (text) => {
      seen.commits += 1;
      if (!Number.isFinite(Number(text))) return false;
      setValue(Number(text));
      return true;
    }, { when, refuge: { text: kept, set: (text) => { refuge.text = text; setKept(text); } } });
    return null;
  }
  const root = createRoot(document.createElement('div'));
  act(() => root.render(<Field />));
  return {
    seen,
    type: (text: string) => act(() => seen.draft.set(text)),
    rest: () => act(() => { vi.runAllTimers(); }),
    leave: () => act(() => seen.draft.flush()),
    close: () => act(() => root.unmount()),
  };
}

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a text that rests is used, and stays as it is typed until the field is left', () => {
  const { seen, type, rest, leave } = numberField();
  type('1.');
  expect(seen.commits).toBe(0);
  rest();
  expect(seen).toMatchObject({ value: 1, draft: { text: '1.' } });
  leave();
  expect(seen).toMatchObject({ value: 1, commits: 1, draft: { text: '1' } });
});

test('a text that cannot be used stays, and says so until it is another', () => {
  const { seen, type, rest, leave } = numberField();
  type('x');
  expect(seen.draft.isRefused).toBe(false);
  rest();
  leave();
  expect(seen).toMatchObject({ value: 0, commits: 1, draft: { text: 'x', isRefused: true } });
  type('2');
  leave();
  expect(seen).toMatchObject({ value: 2, draft: { text: '2', isRefused: false } });
});

test('what is used on leaving is not used before, and not lost with the field', () => {
  const { seen, type, rest, close } = numberField('onLeave');
  type('3');
  rest();
  expect(seen.commits).toBe(0);
  close();
  expect(seen.commits).toBe(1);
});

test('a text that cannot be used outlives its field, and is there again until it can be', () => {
  const refuge = refugeOf();
  const first = numberField('onRest', refuge);
  first.type('x');
  first.close();
  expect(refuge.text).toBe('x');
  const { seen, type, leave } = numberField('onRest', refuge);
  expect(seen.draft).toMatchObject({ text: 'x', isRefused: true });
  type('4');
  leave();
  expect(seen).toMatchObject({ value: 4, draft: { text: '4', isRefused: false } });
  expect(refuge.text).toBeUndefined();
});
