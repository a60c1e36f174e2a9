import { createContext, useContext } from 'react';
import type { JsonObject } from '../graph/json';
import type { Language } from './fields';
import type { Finding } from './findings';
import type { Change, Key } from './patch';
import type { Refuge } from './useDraft';
import { isSame, type Unused } from './unused';
import type { UnusedTexts } from './useUnused';

/** What the forms of the inspector know of the place that they edit. */
export interface FormPlace {
  /** The keys of the object. */
  readonly keys: readonly Key[];
  readonly object: JsonObject;
  readonly language: Language;
  /** The states of the same workflow. */
  readonly states: readonly string[];
}

export interface Wanted {
  readonly keys: readonly Key[];
}

export interface Editing {
  readonly definition: unknown;
  readonly change: (changes: Change[]) => void;
  readonly unused: Pick<UnusedTexts, 'list' | 'put' | 'drop'>;
  /** What the server says of the definition. */
  readonly told: readonly Finding[];
  /** The place that somebody was led to; another object each time. */
  readonly wanted: Wanted | undefined;
}

export const EditingContext = createContext<Editing>({
  definition: {}, change: () => undefined, unused: { list: [], put: () => undefined, drop: () => undefined }, told: [], wanted: undefined,
});

export const useEditing = () => useContext(EditingContext);

/** Keeps the text of a form that the definition cannot take; `why` says what is wrong with it. */
export function useRefuge({ keys, field }: Pick<Unused, 'keys' | 'field'>, why: (text: string) => string): Refuge {
  const { unused } = useEditing();
  const text = unused.list.find((one) => isSame(one.keys, keys))?.text;
  return { text, set: (next) => (next === undefined ? unused.drop(keys) : unused.put({ keys, field, text: next, why: why(next) })) };
}
