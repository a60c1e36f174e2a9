import { useEffect, useRef, useState } from 'react';

/** So long after the last letter a form's text becomes part of the definition. */
const REST_MS = 350;

export interface Draft {
  readonly text: string;
  readonly set: (text: string) => void;
  /** At once: on leaving the field, on Enter. */
  readonly flush: () => void;
}

/**
 * A text that is being typed: the definition follows when the typing rests, and the text follows the definition while
 * nobody types. `commit` says whether it could be used; what cannot stays as it is typed.
 */
export function useDraft(value: string, commit: (text: string) => boolean): Draft {
  const [draft, setDraft] = useState<string>();
  const pending = useRef<{ text: string; commit: (text: string) => boolean; timer: ReturnType<typeof setTimeout> }>(undefined);
  const flush = () => {
    const waiting = pending.current;
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    pending.current = undefined;
    if (waiting.commit(waiting.text)) setDraft(undefined);
  };
  const set = (text: string) => {
    if (pending.current !== undefined) clearTimeout(pending.current.timer);
    setDraft(text);
    pending.current = { text, commit, timer: setTimeout(flush, REST_MS) };
  };
  useEffect(
    () => () => {
      const waiting = pending.current;
      if (waiting === undefined) return;
      clearTimeout(waiting.timer);
      waiting.commit(waiting.text);
    },
    [],
  );
  return { text: draft ?? value, set, flush };
}
