import { useCallback, useEffect, useRef } from 'react';
import type { StatePath } from '../graph';
import type { Mode } from './EditorHeader';
import { brokenText, type Finding, placesIn } from './findings';
import { keysAt, stateAt } from './locate';
import type { DefinitionStore } from './store';

interface Options {
  readonly store: DefinitionStore;
  readonly mode: Mode;
  readonly onMode: (mode: Mode) => void;
  readonly onSelect: (path: StatePath | undefined) => void;
}

type Target = Pick<Finding, 'keys' | 'state' | 'offset' | 'isForm'>;

/**
 * The way to what is wrong: in Design its state is chosen, in Code the cursor is put there. A text that cannot be read
 * has its place in Code alone, one of a form in Design. What is handed back stays the same: lists and notifications keep it.
 */
export function useGoTo({ store, mode, onMode, onSelect }: Options) {
  const go = ({ keys, state, offset, isForm = false }: Target) => {
    const next = isForm ? 'design' : offset !== undefined || (mode === 'config' && state === undefined) ? 'code' : mode === 'config' ? 'design' : mode;
    if (next !== mode) onMode(next);
    onSelect(state);
    if (next === 'code') store.goTo(placesIn(store.read().text, store.codec)({ keys, ...(offset === undefined ? {} : { offset }) }).from);
  };
  const now = useRef(go);
  useEffect(() => {
    now.current = go;
  });
  const toFinding = useCallback((finding: Target) => now.current(finding), []);
  const toPlace = useCallback((location: string) => {
    const snapshot = store.read();
    const keys = keysAt(snapshot.value, location);
    now.current((location === '' ? brokenText(snapshot) : undefined) ?? { keys, state: stateAt(keys) });
  }, [store]);
  return { toFinding, toPlace };
}
