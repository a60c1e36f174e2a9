import { type RefObject, useEffect } from 'react';

/** As in the style sheet: there a panel stands below what it belongs to. */
const NARROW = '(max-width: 1000px)';

/** Brings a panel into view when it shows something else, where it stands below. */
export function useInView(panel: RefObject<HTMLElement | null>, shown: string): void {
  useEffect(() => {
    if (window.matchMedia(NARROW).matches) panel.current?.scrollIntoView({ block: 'start' });
  }, [panel, shown]);
}
