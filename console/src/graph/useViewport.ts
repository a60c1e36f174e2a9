import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { Box, Layout } from './layout';
import type { Size } from './measure';
import { centred, fitted, moved, opened, shown, zoomed, type Viewport } from './viewport';

export interface ViewportControl {
  view: Viewport;
  size: Size;
  change: (turn: (view: Viewport) => Viewport) => void;
  fit: () => void;
  /** Life size, a state or the beginning in the middle. */
  centre: (path?: string) => void;
  /** Around a state if one is given, else around the middle. */
  zoom: (factor: number, path?: string) => void;
  /** Moves only if the state is out of sight. */
  show: (path: string) => void;
}

interface Options {
  anchor: string | undefined;
  begin: string | undefined;
  least: number;
}

const NOWHERE: Size = { width: 0, height: 0 };

/**
 * The part of the picture that is seen. It is as it was opened, or whole, until somebody moves it, and opened again when
 * the flow is turned; after an edit the anchor (the selected state) stays where it was. `begin`: the state to be seen where
 * none is selected. `least`: how small the picture may be to be shown whole.
 */
export function useViewport(frame: RefObject<Element | null>, layout: Layout | undefined, { anchor, begin, least }: Options): ViewportControl {
  const [view, setView] = useState<Viewport>({ x: 0, y: 0, zoom: 1 });
  const [size, setSize] = useState<Size>(NOWHERE);
  const held = useRef<'opened' | 'whole' | 'moved'>('opened');
  const before = useRef<Layout>(undefined);

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      setSize({ width, height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);

  useLayoutEffect(() => {
    if (layout === undefined || size.width === 0) return;
    const old = before.current;
    before.current = layout;
    if (old?.orientation !== layout.orientation) held.current = 'opened';
    if (held.current === 'opened') setView(first(layout, size, anchor ?? begin, least));
    else if (held.current === 'whole') setView(fitted(layout, size));
    else if (old !== undefined && old !== layout) setView((now) => steady(now, old, layout, anchor));
    // The anchor alone moves nothing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [layout, size]);

  // The view goes along with what runs until somebody looks elsewhere.
  useLayoutEffect(() => {
    if (layout === undefined || size.width === 0 || anchor !== undefined || held.current !== 'opened') return;
    setView(first(layout, size, begin, least));
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [begin]);

  const change = useCallback((turn: (view: Viewport) => Viewport) => {
    held.current = 'moved';
    setView(turn);
  }, []);
  const boxOf = (path?: string) => layout?.nodes.find(({ id }) => id === path) ?? layout?.nodes[0];
  return {
    view,
    size,
    change,
    fit: () => {
      held.current = 'whole';
      if (layout !== undefined) setView(fitted(layout, size));
    },
    centre: (path) => {
      const box = boxOf(path);
      if (box !== undefined) change(() => centred(box, size, 1));
    },
    zoom: (factor, path) => {
      const box = path === undefined ? undefined : boxOf(path);
      change((now) => {
        const x = box === undefined ? size.width / 2 : (box.x + box.width / 2) * now.zoom + now.x;
        const y = box === undefined ? size.height / 2 : (box.y + 20) * now.zoom + now.y;
        return zoomed(now, factor, x, y);
      });
    },
    show: (path) => {
      const box = layout?.nodes.find(({ id }) => id === path);
      if (box === undefined) return;
      setView((now) => shown(now, headOf(box), size));
    },
  };
}

/** What is selected is seen, too. */
function first(layout: Layout, size: Size, anchor: string | undefined, least: number): Viewport {
  const view = opened(layout, size, layout.nodes[0], least);
  const isWhole = layout.width * view.zoom <= size.width + 1 && layout.height * view.zoom <= size.height + 1;
  const box = layout.nodes.find(({ id }) => id === anchor);
  return box === undefined || isWhole ? view : shown(view, headOf(box), size);
}

/** Of a state with others inside, what is to be seen is where its name stands. */
const headOf = (box: Box): Box => ({ ...box, height: Math.min(box.height, 60) });

function steady(view: Viewport, old: Layout, layout: Layout, anchor: string | undefined): Viewport {
  const id = anchor ?? old.nodes[0]?.id;
  const [was, is] = [old.nodes.find((node) => node.id === id), layout.nodes.find((node) => node.id === id)];
  if (was === undefined || is === undefined) return view;
  return moved(view, (was.x - is.x) * view.zoom, (was.y - is.y) * view.zoom);
}
