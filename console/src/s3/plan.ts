/** One part of a file: bytes from `start`, up to `end` and without it. */
export interface Part {
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

const MIB = 1024 * 1024;
/** Smaller files go in one request. */
export const WHOLE_BYTES_MAX = 16 * MIB;
/** Small enough that a lost connection costs little, large enough that requests do not count. */
const PART_BYTES = 8 * MIB;
/** S3's bounds. */
export const PARTS_MAX = 10_000;
export const OBJECT_BYTES_MAX = 5 * 1024 * 1024 * MIB;

/** The parts that a file is sent in; one if it goes whole. */
export function planParts(bytes: number): readonly Part[] {
  if (bytes > OBJECT_BYTES_MAX) {
    throw new Error('S3 takes files of at most 5 TiB.');
  }
  if (bytes <= WHOLE_BYTES_MAX) {
    return [{ number: 1, start: 0, end: bytes }];
  }
  const size = Math.max(PART_BYTES, Math.ceil(bytes / PARTS_MAX / MIB) * MIB);
  return Array.from({ length: Math.ceil(bytes / size) }, (_, at) => ({
    number: at + 1,
    start: at * size,
    end: Math.min(bytes, (at + 1) * size),
  }));
}
