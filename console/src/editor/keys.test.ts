// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { keyAction } from './keys';

/** What a key does at the element of that selector. */
function pressed(selector: string, key: string, more: KeyboardEventInit = {}) {
  document.body.innerHTML = '<button></button><input><div role="dialog"><p></p></div><div class="canter-graph"><svg><g></g></svg></div>';
  let action: ReturnType<typeof keyAction>;
  const listen = (event: KeyboardEvent) => { action = keyAction(event); };
  document.addEventListener('keydown', listen, { once: true });
  document.querySelector(selector)?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }));
  return action;
}

test('a state is taken away or copied where the graph is meant, and nowhere else', () => {
  for (const place of ['body', 'svg g']) {
    expect(pressed(place, 'Delete')).toBe('remove');
    expect(pressed(place, 'Backspace')).toBe('remove');
    expect(pressed(place, 'd', { ctrlKey: true })).toBe('duplicate');
  }
  for (const place of ['button', 'input', '[role="dialog"] p']) {
    expect(pressed(place, 'Backspace')).toBeUndefined();
    expect(pressed(place, 'd', { metaKey: true })).toBeUndefined();
  }
});

test('changes are undone from anywhere but a text, which has its own', () => {
  expect(pressed('button', 'z', { ctrlKey: true })).toBe('undo');
  expect(pressed('button', 'Z', { metaKey: true, shiftKey: true })).toBe('redo');
  expect(pressed('svg g', 'y', { ctrlKey: true })).toBe('redo');
  expect(pressed('input', 'z', { ctrlKey: true })).toBeUndefined();
  expect(pressed('button', 'z')).toBeUndefined();
});
