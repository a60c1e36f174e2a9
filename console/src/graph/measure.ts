import type { GraphNode } from './model';

export interface Size {
  width: number;
  height: number;
}

/** Widths of letters at 13 px; measured text would make the layout hang on fonts, and a worker has none. */
const WIDE = 13;
const USUAL = 7.2;
export const LABEL_USUAL = 6.4;

/** What a state with workflows inside leaves for its name. */
export const HEADER = 40;

const NODE_WIDTH_MIN = 150;
const NODE_WIDTH_MAX = 260;
/** Icon and padding beside a name. */
const BESIDE_NAME = 64;

/** Roughly, the letters that take the room of two: CJK, emoji. */
const isWide = (letter: string) => (letter.codePointAt(0) ?? 0) > 0x2e7f;

const widthOf = (text: string, usual: number) => Array.from(text).reduce((sum: number, letter) => sum + (isWide(letter) ? WIDE : usual), 0);

/** The text cut to a width, with an ellipsis; `usual` is the width of a usual letter. */
export function fit(text: string, width: number, usual = USUAL): string {
  if (text.length * WIDE <= width || widthOf(text.slice(0, 400), usual) <= width) return text;
  let sum = 0;
  let kept = '';
  for (const letter of text) {
    sum += isWide(letter) ? WIDE : usual;
    if (sum > width - WIDE) break;
    kept += letter;
  }
  return `${kept.trimEnd()}…`;
}

/** The room that a label takes as it is drawn. */
export const labelWidth = (text: string) => Math.ceil(widthOf(text, LABEL_USUAL)) + 12;

const RETRY_SIGN = 14;

/** The room beside a state's texts. */
const beside = ({ retries }: GraphNode) => BESIDE_NAME + (retries ? RETRY_SIGN : 0);

export const nameRoom = (node: GraphNode, width: number) => width - beside(node);

/** The room that a node without states inside needs. */
export function sizeOf(node: GraphNode): Size {
  if (node.kind === 'start' || node.kind === 'end') {
    return node.workflow === '' ? { width: 64, height: 30 } : { width: 14, height: 14 };
  }
  const longest = Math.max(widthOf(node.name.slice(0, 100), USUAL), widthOf((node.detail ?? '').slice(0, 100), LABEL_USUAL));
  const width = Math.min(NODE_WIDTH_MAX, Math.max(NODE_WIDTH_MIN, Math.ceil(longest) + beside(node)));
  return { width, height: node.detail === undefined ? 44 : 56 };
}
