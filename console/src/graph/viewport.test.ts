import { expect, test } from 'vitest';
import { centred, fitted, opened, READ_MIN, shown, visibleBox, ZOOM_MAX, zoomed } from './viewport';

const window = { width: 400, height: 300 };

test('a picture is fitted whole, in the middle, and not beyond life size', () => {
  expect(fitted({ width: 800, height: 300 }, window)).toEqual({ zoom: 0.5, x: 0, y: 75 });
  expect(fitted({ width: 100, height: 100 }, window)).toEqual({ zoom: 1, x: 150, y: 100 });
});

test('a picture too large to be read whole begins at its beginning, large enough to be read', () => {
  const begin = { x: 380, y: 0, width: 40, height: 20 };
  const view = opened({ width: 800, height: 9_000, orientation: 'vertical' }, window, begin, READ_MIN);
  expect(view.y).toBe(0);
  expect(view.zoom).toBeGreaterThan(0.7);
  expect(400 * view.zoom + view.x).toBe(200);
});

test('a picture is opened whole, not cut by a little, as long as it can be read', () => {
  const tall = { width: 300, height: 450, orientation: 'vertical' } as const;
  expect(opened(tall, window, { x: 130, y: 0, width: 40, height: 20 }, READ_MIN)).toEqual(fitted(tall, window));
});

test('where names are to be read it is not made smaller than that, and not cut across for a little', () => {
  const begin = { x: 130, y: 0, width: 40, height: 20 };
  expect(opened({ width: 300, height: 750, orientation: 'vertical' }, window, begin, READ_MIN)).toEqual({ zoom: 0.75, x: 87.5, y: 0 });
  expect(opened({ width: 560, height: 750, orientation: 'vertical' }, window, begin, READ_MIN)).toEqual({ zoom: 400 / 560, x: 0, y: 0 });
});

test('the point under the pointer stays while one zooms, within bounds', () => {
  const view = zoomed({ x: 10, y: 20, zoom: 1 }, 2, 110, 120);
  expect(view).toEqual({ x: -90, y: -80, zoom: 2 });
  expect(zoomed(view, 1_000, 0, 0).zoom).toBe(ZOOM_MAX);
});

test('only what is out of sight moves the picture', () => {
  const view = { x: 0, y: 0, zoom: 1 };
  expect(shown(view, { x: 100, y: 100, width: 50, height: 50 }, window)).toBe(view);
  expect(shown(view, { x: 500, y: 100, width: 50, height: 50 }, window)).toEqual({ x: -174, y: 0, zoom: 1 });
  expect(centred({ x: 0, y: 0, width: 10, height: 10 }, window, 1)).toEqual({ x: 195, y: 145, zoom: 1 });
});

test('the part to be drawn covers the window with room around it, and changes in steps', () => {
  const at = (x: number) => visibleBox({ x, y: 0, zoom: 1 }, window);
  expect(at(0)).toEqual(at(-100));
  expect(at(0).x).toBeLessThanOrEqual(-400);
  expect(at(0).x + at(0).width).toBeGreaterThan(800);
});
