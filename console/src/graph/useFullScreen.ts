import { useEffect, useState, type RefObject } from 'react';

/** The element on the whole screen, and back. */
export function useFullScreen(element: RefObject<Element | null>): { on: boolean; toggle: () => Promise<void> } {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const changed = () => setOn(document.fullscreenElement !== null && document.fullscreenElement === element.current);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, [element]);
  const toggle = async () => {
    try {
      await (on ? document.exitFullscreen() : element.current?.requestFullscreen());
    } catch {
      // A page that may not go full screen (in a frame, on a phone that has no such function) stays as it is.
    }
  };
  return { on, toggle };
}
