import { parse } from 'jsonc-parser';
import type { Json } from './json';

/** The value of a JSON text that is being typed: what can be read of it, undefined if that is not even an object. */
export function readable(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    const value = followed((): unknown => parse(text, [], { allowTrailingComma: true }));
    return typeof value === 'object' ? (value as Json) : undefined;
  }
}

/** jsonc-parser follows brackets by recursion: of thousands, one in another, nothing can be read. */
export function followed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
