import { useEffect, useState, type RefObject } from 'react';

/** The element on the whole screen, and back. */
export function useFullScreen(element: RefObject<Element | null>): { on: boolean; toggle: () => void } {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const changed = () => setOn(document.fullscreenElement !== null && document.fullscreenElement === element.current);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, [element]);
  const toggle = () => {
    // A page that may not go full screen (in a frame, on a phone) stays as it is.
    const done = on ? document.exitFullscreen() : element.current?.requestFullscreen();
    done?.catch(() => undefined);
  };
  return { on, toggle };
}
