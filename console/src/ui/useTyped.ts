import { useState } from 'react';

/**
 * A text that stands in the address while it is typed: what was typed, and how to change it.
 *
 * The address follows a moment later; a field that waited for it would put the cursor at the end after each letter.
 */
export function useTyped(there: string, tell: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState<string>();
  if (typed === there) {
    setTyped(undefined);
  }
  return [
    typed ?? there,
    (text) => {
      setTyped(text);
      tell(text);
    },
  ];
}
