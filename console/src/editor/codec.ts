import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import type { Json } from '../graph/json';
import { followed, readable } from '../graph/readable';
import { type Fault, jsonFault } from '../ui/jsonFault';
import { type Change, type Edit, jsonEdit, type Key } from './patch';

export type Format = 'json' | 'yaml';

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One way to write a definition. */
export interface Codec {
  readonly format: Format;
  /** What can be read of the text, whole or half written; undefined if nothing can. */
  read(text: string): Json | undefined;
  /** Why the text cannot be read as it stands. */
  problem(text: string): Fault | undefined;
  write(value: Json): string;
  /** The smallest edit that makes the change; none if there is nothing to do. */
  edit(text: string, change: Change): Edit | undefined;
  /** Finds places of values: at their name where they have one. A place that is not there is the nearest around it. */
  locate(text: string): (keys: readonly Key[]) => Span | undefined;
}

export const jsonCodec: Codec = {
  format: 'json',
  read: readable,
  problem: jsonFault,
  write: (value) => `${JSON.stringify(value, null, 2)}\n`,
  edit: jsonEdit,
  locate(text) {
    const root = followed(() => parseTree(text, undefined, { allowTrailingComma: true }));
    return (keys) => {
      for (let depth = keys.length; root !== undefined && depth >= 0; depth -= 1) {
        const node = findNodeAtLocation(root, keys.slice(0, depth));
        if (node === undefined) continue;
        const shown = node.parent?.type === 'property' ? (node.parent.children?.[0] ?? node) : node;
        const small = node.type === 'object' || node.type === 'array' ? shown : node;
        return { from: small.offset, to: small.offset + (small === node && small.type === 'object' ? 1 : small.length) };
      }
      return undefined;
    };
  },
};
