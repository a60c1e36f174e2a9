import { useEffect, useRef } from 'react';
import type { StatePath } from '../graph';
import type { DropTarget } from '../graph/props';
import { type KeyAction, keyAction } from './keys';
import { keysOfState } from './locate';
import { duplicate, move, type Operation, remove } from './operations';
import type { Change } from './patch';
import { along, type DefinitionStore, type Snapshot, type Way } from './store';
import { notify } from '../app/notifications';
import type { UnusedTexts } from './useUnused';

export interface Editor {
  readonly name: string;
  readonly store: DefinitionStore;
  readonly snapshot: Snapshot;
  readonly selected: StatePath | undefined;
  readonly select: (path: StatePath | undefined) => void;
  readonly unused: UnusedTexts;
  /** False if there was nothing to do, or the text cannot take it. */
  readonly change: (changes: Change[]) => boolean;
  /** Does it and goes to the state that it names; false if there was nothing to do, or the text cannot take it. */
  readonly run: (operation: Operation) => boolean;
  readonly move: (path: StatePath, target: DropTarget) => void;
  readonly duplicate: () => void;
  readonly remove: () => void;
  readonly undo: () => void;
  readonly redo: () => void;
}

interface Options {
  readonly name: string;
  readonly store: DefinitionStore;
  readonly snapshot: Snapshot;
  readonly selected: StatePath | undefined;
  readonly select: (path: StatePath | undefined) => void;
  readonly unused: UnusedTexts;
}

/** What can be done to the definition, by whatever button or key. */
export function useEditor(options: Options): Editor {
  const { store, snapshot, selected, select, unused } = options;
  const change = (changes: Change[], way?: Way): boolean => {
    const now = store.read();
    if (now.value !== undefined && now.problem === undefined && store.change(changes, way)) {
      unused.follow(changes);
      return true;
    }
    if (changes.length > 0 && now.problem !== undefined) {
      notify.info('The text cannot be read yet', 'Mend it under Code, then the designer can change it.');
    }
    return false;
  };
  const run = (operation: Operation) => {
    const isDone = change(operation.changes, { from: selected, to: operation.select });
    if (isDone) select(operation.select);
    return isDone;
  };
  // The value is read when it is needed: a long text is not, at every letter.
  const copy = () => { if (selected !== undefined) run(duplicate(snapshot.value ?? {}, selected)); };
  const drop = () => { if (selected !== undefined) run(remove(snapshot.value ?? {}, selected)); };
  /** The texts of a state that has become another one: it is not where it was. */
  const carry = (before: unknown, from: StatePath | undefined, to: StatePath | undefined) => {
    if (from === undefined || to === undefined) return;
    const [was, is] = [keysOfState(before, from), keysOfState(store.read().value, to)];
    if (was !== undefined && is !== undefined && keysOfState(store.read().value, from) === undefined) unused.carry(was, is);
  };
  const moveTo = (path: StatePath, target: DropTarget) => {
    const before = snapshot.value ?? {};
    const operation = move(before, path, target);
    if (run(operation)) carry(before, path, operation.select);
  };
  const follow = (turn: () => Way | undefined) => {
    const before: unknown = store.read().value;
    const way = turn();
    carry(before, way?.from, way?.to);
    const isThere = (path: StatePath) => keysOfState(store.read().value, path) !== undefined;
    const next = way === undefined ? selected : along(selected, way, isThere);
    if (next !== selected) select(next);
  };
  const [undo, redo] = [() => follow(store.undo), () => follow(store.redo)];
  const actions: Record<KeyAction, () => void> = { undo, redo, duplicate: copy, remove: drop };
  useKeys((event) => {
    const action = keyAction(event);
    if (action === undefined) return;
    actions[action]();
    event.preventDefault();
  });
  return { ...options, change, run, move: moveTo, duplicate: copy, remove: drop, undo, redo };
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
