import { describe, expect, it } from 'vitest';
import { durationText, timeText } from './time';

describe('timeText', () => {
  it('tells the milliseconds where they are wanted', () => {
    const instant = new Date(2026, 10, 26, 4, 11, 32, 120).getTime() / 1000;
    expect(timeText(instant, true)).toBe('Nov 26, 2026, 04:11:32.120');
    expect(timeText(instant)).toBe('Nov 26, 2026, 04:11:32');
  });

  it('begins the day with hour 00', () => {
    expect(timeText(new Date(2026, 10, 26, 0, 0, 0, 0).getTime() / 1000)).toBe('Nov 26, 2026, 00:00:00');
  });
});

describe('durationText', () => {
  it.each([
    [0, '00:00:00.000'],
    [62.345, '00:01:02.345'],
    [59.9996, '00:01:00.000'],
    [100 * 3600, '100:00:00.000'],
    [-1, '00:00:00.000'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});
