import { useEffect, useState } from 'react';

/** Long enough that a server is asked for words, not for letters. */
const REST_MS = 250;

/** A text that is typed, as it was when the typing last rested. */
export function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
