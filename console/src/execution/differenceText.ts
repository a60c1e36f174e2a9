import { durationText } from '../ui/time';

/** `+00:00:01.250`; `±0` if it is less than a millisecond. */
export function differenceText(seconds: number): string {
  if (Math.abs(seconds) < 0.0005) return '±0';
  return `${seconds < 0 ? '−' : '+'}${durationText(Math.abs(seconds))}`;
}
