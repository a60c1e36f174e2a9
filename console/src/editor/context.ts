import { createContext, useContext } from 'react';
import type { JsonObject } from '../graph/json';
import type { Language } from './fields';
import type { Change, Key } from './patch';

/** What the forms of the inspector know of the place that they edit. */
export interface FormPlace {
  /** The keys of the object. */
  readonly keys: readonly Key[];
  readonly object: JsonObject;
  readonly language: Language;
  /** The states of the same workflow. */
  readonly states: readonly string[];
}

export interface Editing {
  readonly definition: unknown;
  readonly change: (changes: Change[]) => void;
}

export const EditingContext = createContext<Editing>({ definition: {}, change: () => undefined });

export const useEditing = () => useContext(EditingContext);
