import { useEffect, useRef } from 'react';
import type { StatePath } from '../graph';
import { duplicate, type Operation, remove } from './operations';
import type { Change } from './patch';
import type { DefinitionStore, Snapshot } from './store';
import { notify } from '../app/notifications';

export interface Editor {
  readonly name: string;
  readonly store: DefinitionStore;
  readonly snapshot: Snapshot;
  readonly selected: StatePath | undefined;
  readonly select: (path: StatePath | undefined) => void;
  readonly change: (changes: Change[]) => void;
  /** Does it and goes to the state that it names. */
  readonly run: (operation: Operation) => void;
  readonly duplicate: () => void;
  readonly remove: () => void;
}

interface Options {
  readonly name: string;
  readonly store: DefinitionStore;
  readonly snapshot: Snapshot;
  readonly selected: StatePath | undefined;
  readonly select: (path: StatePath | undefined) => void;
}

/** What can be done to the definition, by whatever button or key. */
export function useEditor(options: Options): Editor {
  const { store, snapshot, selected, select } = options;
  const change = (changes: Change[]) => {
    const isBroken = snapshot.value === undefined;
    if (changes.length > 0 && (isBroken || !store.change(changes)) && isBroken) {
      notify.info('The text cannot be read yet', 'Mend it under Code, then the designer can change it.');
    }
  };
  const run = (operation: Operation) => {
    if (operation.changes.length === 0) return;
    change(operation.changes);
    select(operation.select);
  };
  // The value is read when it is needed: a long text is not, at every letter.
  const copy = () => { if (selected !== undefined) run(duplicate(snapshot.value ?? {}, selected)); };
  const drop = () => { if (selected !== undefined) run(remove(snapshot.value ?? {}, selected)); };
  useKeys((event) => onKey(event, store, copy, drop));
  return { ...options, change, run, duplicate: copy, remove: drop };
}

/** Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y, Ctrl+D, Delete; where a text is typed they belong to the text. */
function onKey(event: KeyboardEvent, store: DefinitionStore, copy: () => void, drop: () => void): void {
  const target = event.composedPath()[0];
  if (target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]') !== null) return;
  const isControl = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (isControl && key === 'z') {
    if (event.shiftKey) store.redo();
    else store.undo();
  } else if (isControl && key === 'y') store.redo();
  else if (isControl && key === 'd') copy();
  else if (!isControl && (event.key === 'Delete' || event.key === 'Backspace')) drop();
  else return;
  event.preventDefault();
}

/** Keys of the whole page: after a click into the picture nothing has the focus. */
function useKeys(handle: (event: KeyboardEvent) => void): void {
  const now = useRef(handle);
  useEffect(() => {
    now.current = handle;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => now.current(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}
