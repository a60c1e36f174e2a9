import { useState, useSyncExternalStore } from 'react';
import { definitionExtensions } from './codemirror';
import { completionSource } from './complete';
import { DefinitionStore, type Snapshot } from './store';

/** A store for the text, with all that an editor of it needs. */
export function useStore(text: string): { store: DefinitionStore; snapshot: Snapshot } {
  const [store] = useState(() => makeStore(text));
  const snapshot = useSyncExternalStore(store.subscribe, store.read);
  return { store, snapshot };
}

function makeStore(text: string): DefinitionStore {
  const made: DefinitionStore = new DefinitionStore(text, definitionExtensions(completionSource(() => made.lately())));
  return made;
}
