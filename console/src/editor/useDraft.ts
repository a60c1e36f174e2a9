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

interface Typed {
  readonly text: string;
  readonly commit: (text: string) => boolean;
  timer?: ReturnType<typeof setTimeout>;
  /** What `commit` said; it is asked once. */
  isUsed?: boolean;
}

/**
 * A text that is being typed: the definition follows when the typing rests, and the text follows the definition while
 * nobody types. Until the field is left it stays as it is typed, however the definition writes it: `1.` is on its way to
 * `1.5`. `commit` says whether it could be used; what cannot stays longer. `onLeave` waits for the field to be left.
 */
export function useDraft(value: string, commit: (text: string) => boolean, when: 'onRest' | 'onLeave' = 'onRest'): Draft {
  const [draft, setDraft] = useState<{ text: string; isRefused: boolean }>();
  const typed = useRef<Typed>(undefined);
  const tried = (one: Typed): boolean => {
    clearTimeout(one.timer);
    one.isUsed ??= one.commit(one.text);
    if (!one.isUsed) setDraft({ text: one.text, isRefused: true });
    return one.isUsed;
  };
  const flush = () => {
    if (typed.current === undefined || !tried(typed.current)) return;
    typed.current = undefined;
    setDraft(undefined);
  };
  const set = (text: string) => {
    clearTimeout(typed.current?.timer);
    const next: Typed = { text, commit };
    if (when === 'onRest') next.timer = setTimeout(() => tried(next), REST_MS);
    typed.current = next;
    setDraft({ text, isRefused: false });
  };
  useEffect(
    () => () => {
      const waiting = typed.current;
      if (waiting === undefined || waiting.isUsed !== undefined) return;
      clearTimeout(waiting.timer);
      waiting.commit(waiting.text);
    },
    [],
  );
  return { text: draft?.text ?? value, isRefused: draft?.isRefused ?? false, set, flush };
}
