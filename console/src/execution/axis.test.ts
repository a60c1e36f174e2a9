import { expect, it } from 'vitest';
import { ticksOf } from './axis';

it.each([
  [0.472, 260, [0, 0.2]],
  [0.5, 480, [0, 0.1, 0.2, 0.3, 0.4]],
  [3, 640, [0, 0.5, 1, 1.5, 2, 2.5]],
  [3600, 1000, [0, 300, 600, 900, 1200, 1500, 1800, 2100, 2400, 2700, 3000, 3300]],
  [18, 440, [0, 5, 10, 15]],
  [0, 640, [0]],
  [5, 50, [0]],
])('labels %d s on %d pixels at round times that do not touch', (seconds, width, ticks) => {
  expect(ticksOf(seconds, width).map((tick) => Number(tick.toFixed(6)))).toEqual(ticks);
});
