import { type RefObject, useEffect } from 'react';

/** As in the style sheets: there a panel stands below what it belongs to. */
const NARROW = '(max-width: 1000px)';

/** Brings a panel into view when it shows something else, where it stands below; nothing that is shown moves nothing. */
export function useInView(panel: RefObject<HTMLElement | null>, shown: string | undefined): void {
  useEffect(() => {
    if (shown !== undefined && window.matchMedia(NARROW).matches) panel.current?.scrollIntoView({ block: 'start' });
  }, [panel, shown]);
}
