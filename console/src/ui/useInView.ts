import { type RefObject, useEffect } from 'react';

/** Brings a panel into view when it shows something else, where it stands below what it belongs to; nothing that is shown moves nothing. */
export function useInView(panel: RefObject<HTMLElement | null>, shown: string | undefined): void {
  useEffect(() => {
    const [own, before] = [panel.current, elementBefore(panel.current)].map((one) => one?.getBoundingClientRect());
    if (shown === undefined || own === undefined || before === undefined || own.top < before.bottom) return;
    // As far as needed, so that both are seen; what is higher than the window begins at its top.
    panel.current?.scrollIntoView({ block: own.height < window.innerHeight - BARS_PX ? 'nearest' : 'start' });
  }, [panel, shown]);
}

/** What was asked for and has come is brought into view, and said to those who do not see it; `shown` names it, none until it is there. */
export function useArrival(panel: RefObject<HTMLElement | null>, shown: string | undefined): void {
  useEffect(() => {
    if (shown === undefined || panel.current === null) return;
    const { height } = panel.current.getBoundingClientRect();
    panel.current.focus({ preventScroll: true });
    panel.current.scrollIntoView({ block: height < window.innerHeight - BARS_PX ? 'nearest' : 'start' });
  }, [panel, shown]);
}

/** As much of the window as its own bars cover. */
const BARS_PX = 160;

function elementBefore(element: Element | null): Element | null {
  return element === null ? null : (element.previousElementSibling ?? elementBefore(element.parentElement));
}
