import { unzipSync, zipSync, type Zippable } from 'fflate';

/** A file or folder of a package, as its directory tells it. */
export interface Entry {
  /** `lib/util.py`; a folder's with a slash at its end. */
  readonly name: string;
  /** Unpacked. */
  readonly bytes: number;
  readonly modified: Date;
  /** Who wrote the entry, and what that system knows of it: on Unix, mode and kind in the upper half. */
  readonly os: number;
  readonly attributes: number;
}

/** Lambda's bound for what is unpacked. */
export const UNPACKED_BYTES_MAX = 250 * 1024 * 1024;

const END = 0x06054b50;
const ENTRY = 0x02014b50;
/** The end of the directory, and the longest comment behind it. */
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
/** The name is UTF-8. */
const UTF8_FLAG = 0x800;

/** What is in a package, without unpacking it. Throws if it is no zip file. */
export function entriesOf(zip: Uint8Array): readonly Entry[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) {
    throw new Error('This is a zip file of the 64-bit kind, which is not shown here.');
  }
  const found: Entry[] = [];
  for (let left = count; left > 0; left -= 1) {
    if (at + 46 > zip.length || view.getUint32(at, true) !== ENTRY) {
      throw new Error('The directory of the zip file is broken.');
    }
    const [nameBytes, extraBytes, commentBytes] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)];
    const isUtf8 = (view.getUint16(at + 8, true) & UTF8_FLAG) !== 0;
    found.push({
      name: decode(zip.subarray(at + 46, at + 46 + nameBytes), isUtf8),
      bytes: view.getUint32(at + 24, true),
      modified: dosDate(view.getUint16(at + 14, true), view.getUint16(at + 12, true)),
      os: view.getUint8(at + 5),
      attributes: view.getUint32(at + 38, true),
    });
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  return found;
}

/** One file of a package, unpacked. */
export function readEntry(zip: Uint8Array, name: string): Uint8Array {
  const content = unzipSync(zip, { filter: (file) => file.name === name })[name];
  if (content === undefined) {
    throw new Error(`There is no ${name} in the package.`);
  }
  return content;
}

/** The package with some files' contents changed; names, modes and times of the others stay. */
export function withFiles(zip: Uint8Array, changed: ReadonlyMap<string, string>): Uint8Array {
  const entries = entriesOf(zip);
  if (entries.reduce((sum, { bytes }) => sum + bytes, 0) > UNPACKED_BYTES_MAX) {
    throw new Error('Unpacked, the package is larger than 250 MB.');
  }
  const contents = unzipSync(zip);
  const next: Zippable = {};
  for (const { name, os, attributes, modified } of entries) {
    const text = changed.get(name);
    const content = text === undefined ? (contents[name] ?? new Uint8Array()) : new TextEncoder().encode(text);
    next[name] = [content, { os, attrs: attributes, mtime: text === undefined ? modified : new Date() }];
  }
  return zipSync(next);
}

function endOf(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - COMMENT_BYTES_MAX); at -= 1) {
    if (view.getUint32(at, true) === END) {
      return at;
    }
  }
  throw new Error('This is no zip file.');
}

function decode(bytes: Uint8Array, isUtf8: boolean): string {
  // As fflate reads them, so that the names are the same.
  return isUtf8 ? new TextDecoder().decode(bytes) : Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** In the time of whoever wrote it, to two seconds; before 1980 there is nothing. */
function dosDate(date: number, time: number): Date {
  // What is written again ends with 2099.
  const [year, month, day] = [Math.min(2099, 1980 + (date >> 9)), Math.max(1, (date >> 5) & 15), Math.max(1, date & 31)];
  return new Date(year, month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2);
}
