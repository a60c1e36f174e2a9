import type { Box } from './layout';
import type { Size } from './measure';

/** How the picture lies behind its window: moved by x and y, then scaled. */
export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

export const ZOOM_MIN = 0.05;
export const ZOOM_MAX = 3;

const clamp = (zoom: number) => Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, zoom));

/** Everything to be seen, in the middle, never larger than life. */
export function fitted(picture: Size, window: Size): Viewport {
  const zoom = clamp(Math.min(1, window.width / picture.width, window.height / picture.height));
  return { zoom, x: (window.width - picture.width * zoom) / 2, y: Math.max(0, (window.height - picture.height * zoom) / 2) };
}

/** Smaller than this no name can be read, 13 px become 8: a picture that nobody has moved yet begins at its beginning instead. */
export const READ_MIN = 0.65;
/** Large enough to be read, and to be seen that it goes on. */
const BEGIN_ZOOM = 0.75;

/** How a picture is first seen: whole if that is not smaller than `least`, else from the beginning. */
export function opened(picture: Size & { orientation: 'vertical' | 'horizontal' }, window: Size, begin: Box | undefined, least: number): Viewport {
  const whole = fitted(picture, window);
  if (whole.zoom >= least || begin === undefined) return whole;
  const isVertical = picture.orientation === 'vertical';
  const across = isVertical ? window.width / picture.width : window.height / picture.height;
  // What would fit across but for a little is not cut there.
  const zoom = across < READ_MIN ? BEGIN_ZOOM : Math.min(across, BEGIN_ZOOM);
  const beside = (length: number, room: number, otherwise: number) => (length * zoom <= room + 1 ? (room - length * zoom) / 2 : otherwise);
  const { x, y } = centred(begin, window, zoom);
  return isVertical ? { zoom, x: beside(picture.width, window.width, x), y: 0 } : { zoom, x: 0, y: beside(picture.height, window.height, y) };
}

/** The box in the middle of the window. */
export function centred(box: Box, window: Size, zoom: number): Viewport {
  return {
    zoom,
    x: window.width / 2 - (box.x + box.width / 2) * zoom,
    y: window.height / 2 - (box.y + box.height / 2) * zoom,
  };
}

/** Larger or smaller around a point of the window. */
export function zoomed(view: Viewport, factor: number, x: number, y: number): Viewport {
  const zoom = clamp(view.zoom * factor);
  const scale = zoom / view.zoom;
  return { zoom, x: x - (x - view.x) * scale, y: y - (y - view.y) * scale };
}

export const moved = (view: Viewport, dx: number, dy: number): Viewport => ({ ...view, x: view.x + dx, y: view.y + dy });

/** Moved as little as shows the box. */
export function shown(view: Viewport, box: Box, window: Size, margin = 24): Viewport {
  const shift = (from: number, length: number, room: number) => {
    if (from < margin) return margin - from;
    return from + length > room - margin ? Math.max(room - margin - from - length, margin - from) : 0;
  };
  const dx = shift(box.x * view.zoom + view.x, box.width * view.zoom, window.width);
  const dy = shift(box.y * view.zoom + view.y, box.height * view.zoom, window.height);
  return dx === 0 && dy === 0 ? view : moved(view, dx, dy);
}

/** The part of the picture behind the window, in steps, so that it seldom changes. */
export function visibleBox(view: Viewport, window: Size, step = 512): Box {
  const down = (value: number) => Math.floor(value / step) * step;
  const [x, y] = [down(-view.x / view.zoom) - step, down(-view.y / view.zoom) - step];
  const room = (length: number) => down(length / view.zoom) + 4 * step;
  return { x, y, width: room(window.width), height: room(window.height) };
}
