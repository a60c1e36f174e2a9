import { useEffect, useRef, type PointerEvent, type RefObject } from 'react';
import { moved, zoomed, type Viewport } from './viewport';

interface Gestures {
  onPointerDown: (event: PointerEvent) => void;
  onPointerMove: (event: PointerEvent) => void;
  onPointerUp: (event: PointerEvent) => void;
  onPointerCancel: (event: PointerEvent) => void;
}

interface Options {
  surface: RefObject<SVGSVGElement | null>;
  change: (turn: (view: Viewport) => Viewport) => void;
  /** A press and a release at one place: the path of the state there, if one is. */
  onTap: (path: string | undefined) => void;
  /** A state is being dragged; without it dragging moves the picture. */
  onCarry?: ((path: string) => void) | undefined;
  /** It was let go, over a target if one is named. */
  onPut?: ((path: string, target: string | undefined) => void) | undefined;
}

/** Farther than this a press is a drag, in CSS pixels. */
const STILL = 5;

interface Press {
  x: number;
  y: number;
  path: string | undefined;
  dragged: boolean;
}

/** Pan with one pointer, pinch with two, the wheel with Ctrl zooms; a plain wheel moves what does not fit. */
export function useGestures({ surface, change, onTap, onCarry, onPut }: Options): Gestures {
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const press = useRef<Press>(undefined);
  useWheel(surface, change);

  const at = (event: PointerEvent) => {
    const box = surface.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  const end = (event: PointerEvent, tap: boolean) => {
    const begun = press.current;
    pointers.current.delete(event.pointerId);
    if (pointers.current.size > 0 || begun === undefined) return;
    press.current = undefined;
    if (!begun.dragged) {
      if (tap) onTap(begun.path);
    } else if (begun.path !== undefined) {
      onPut?.(begun.path, tap ? targetAt(event) : undefined);
    }
  };
  return {
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      // A press whose end was never seen here, let go beside the picture, is over.
      if (event.isPrimary) {
        pointers.current.clear();
        press.current = undefined;
      }
      const place = at(event);
      pointers.current.set(event.pointerId, place);
      const path = closest(event.target, '[data-path]')?.dataset.path;
      press.current ??= { ...place, path, dragged: false };
    },
    onPointerMove: (event) => {
      const before = pointers.current.get(event.pointerId);
      const begun = press.current;
      if (before === undefined || begun === undefined) return;
      const place = at(event);
      if (!begun.dragged && Math.hypot(place.x - begun.x, place.y - begun.y) < STILL) return;
      if (!begun.dragged) event.currentTarget.setPointerCapture(event.pointerId);
      begun.dragged = true;
      const others = [...pointers.current].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      pointers.current.set(event.pointerId, place);
      const other = others[0];
      if (other !== undefined) {
        begun.path = undefined;
        const factor = distance(place, other) / Math.max(1, distance(before, other));
        change((view) => zoomed(view, factor, (place.x + other.x) / 2, (place.y + other.y) / 2));
      } else if (begun.path !== undefined && onCarry !== undefined) {
        onCarry(begun.path);
      } else {
        change((view) => moved(view, place.x - before.x, place.y - before.y));
      }
    },
    onPointerUp: (event) => end(event, true),
    onPointerCancel: (event) => end(event, false),
  };
}

const distance = (a: { x: number; y: number }, b: { x: number; y: number }) => Math.hypot(a.x - b.x, a.y - b.y);

const closest = (target: EventTarget | null, selector: string) =>
  target instanceof Element ? (target.closest<SVGElement>(selector) ?? undefined) : undefined;

const targetAt = (event: PointerEvent) =>
  closest(document.elementFromPoint(event.clientX, event.clientY), '.cg-target')?.dataset.target;

/** React's own wheel listeners are passive: they cannot keep the page from scrolling. */
function useWheel(surface: RefObject<SVGSVGElement | null>, change: Options['change']): void {
  useEffect(() => {
    const element = surface.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      const box = element.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        change((view) => zoomed(view, Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top));
      } else if (element.dataset.overflows !== undefined) {
        event.preventDefault();
        const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
        change((view) => moved(view, -dx, -dy));
      }
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [surface, change]);
}
