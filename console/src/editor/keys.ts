export type KeyAction = 'undo' | 'redo' | 'duplicate' | 'remove';

/**
 * Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y wherever no text is typed; Ctrl+D, Delete and Backspace where the graph is meant: in it,
 * or where nothing has the focus, as after a click into the picture. On a button or a list they would take away a state
 * that nobody is looking at.
 */
export function keyAction(event: KeyboardEvent): KeyAction | undefined {
  const target = event.composedPath()[0];
  if (!(target instanceof Element) || target.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]') !== null) return undefined;
  const isControl = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (isControl && key === 'z') return event.shiftKey ? 'redo' : 'undo';
  if (isControl && key === 'y') return 'redo';
  if (target !== document.body && target.closest('.canter-graph') === null) return undefined;
  if (isControl && key === 'd') return 'duplicate';
  return !isControl && (key === 'delete' || key === 'backspace') ? 'remove' : undefined;
}
