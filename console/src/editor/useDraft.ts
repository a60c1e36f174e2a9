import { useEffect, useRef, useState } from 'react';

/** So long after the last letter a form's text becomes part of the definition. */
const REST_MS = 350;

export interface Draft {
  readonly text: string;
  /** Whether the text as it is could not be used. */
  readonly isRefused: boolean;
  readonly set: (text: string) => void;
  /** At once: on leaving the field, on Enter. */
  readonly flush: () => void;
}

/** Where a text is kept that could not be used, beyond the life of its field. */
export interface Refuge {
  readonly text: string | undefined;
  readonly set: (text: string | undefined) => void;
}

interface Options {
  readonly when?: 'onRest' | 'onLeave';
  readonly refuge?: Refuge;
}

/** For what can always be used. */
const NOWHERE: Refuge = { text: undefined, set: () => undefined };

interface Typed {
  readonly text: string;
  readonly commit: (text: string) => boolean;
  readonly refuge: Refuge;
  timer?: ReturnType<typeof setTimeout>;
  /** What `commit` said; it is asked once. */
  isUsed?: boolean;
}

/**
 * A text that is being typed: the definition follows when the typing rests, and the text follows the definition while
 * nobody types. Until the field is left it stays as it is typed, however the definition writes it: `1.` is on its way to
 * `1.5`. `commit` says whether it could be used; what cannot goes to the refuge and stays until it can, or is taken out
 * there. `onLeave` waits for the field to be left.
 */
export function useDraft(value: string, commit: (text: string) => boolean, { when = 'onRest', refuge = NOWHERE }: Options = {}): Draft {
  const [draft, setDraft] = useState<string>();
  const typed = useRef<Typed>(undefined);
  const tried = (one: Typed): void => {
    clearTimeout(one.timer);
    if (one.isUsed !== undefined) return;
    one.isUsed = one.commit(one.text);
    one.refuge.set(one.isUsed ? undefined : one.text);
    if (one.isUsed) return;
    typed.current = undefined;
    setDraft(undefined);
  };
  const flush = () => {
    if (typed.current !== undefined) tried(typed.current);
    typed.current = undefined;
    setDraft(undefined);
  };
  const set = (text: string) => {
    clearTimeout(typed.current?.timer);
    const next: Typed = { text, commit, refuge };
    if (when === 'onRest') next.timer = setTimeout(() => tried(next), REST_MS);
    typed.current = next;
    setDraft(text);
  };
  useEffect(
    () => () => {
      const waiting = typed.current;
      if (waiting === undefined || waiting.isUsed !== undefined) return;
      clearTimeout(waiting.timer);
      waiting.refuge.set(waiting.commit(waiting.text) ? undefined : waiting.text);
    },
    [],
  );
  return { text: draft ?? refuge.text ?? value, isRefused: draft === undefined && refuge.text !== undefined, set, flush };
}
