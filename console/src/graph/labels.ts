/** A label has so many letters as it is drawn. */
const LETTERS_MAX = 32;
/** Of a label that is cut in its middle, so many stand before the cut: the end of a rule tells more than its beginning. */
const HEAD = 10;
/** Where labels differ, so many letters before that stay. */
const BEFORE = 6;

/** The labels of what leaves one state, short enough to be drawn, and told apart where they would be cut alike. */
export function drawnLabels(labels: readonly (string | undefined)[]): (string | undefined)[] {
  const distinct = [...new Set(labels)].filter((label) => label !== undefined).sort();
  const groups = new Map<string, string[]>();
  for (const label of distinct) {
    const cut = middleCut(label);
    const group = groups.get(cut);
    if (group === undefined) groups.set(cut, [label]);
    else group.push(label);
  }
  const drawn = new Map([...groups].flatMap(([cut, group]) => group.map((label, at) => [label, group.length === 1 ? cut : toldApart(group, at)])));
  return labels.map((label) => label && drawn.get(label));
}

/** In a sorted list what begins most alike stands side by side. */
function toldApart(sorted: readonly string[], at: number): string {
  const label = sorted[at] ?? '';
  return cutAt(label, Math.max(...[sorted[at - 1], sorted[at + 1]].map((other) => (other === undefined ? 0 : firstDifference(label, other)))));
}

function middleCut(label: string): string {
  const letters = Array.from(label);
  if (letters.length <= LETTERS_MAX) return label;
  return `${letters.slice(0, HEAD).join('').trimEnd()}…${letters.slice(HEAD + 1 - LETTERS_MAX).join('').trimStart()}`;
}

/** What stands around a place. */
function cutAt(label: string, place: number): string {
  const letters = Array.from(label);
  const from = Math.max(1, Math.min(place - BEFORE, letters.length - LETTERS_MAX + 1));
  const rest = letters.slice(from);
  return `…${rest.length < LETTERS_MAX ? rest.join('') : `${rest.slice(0, LETTERS_MAX - 2).join('')}…`}`;
}

function firstDifference(one: string, other: string): number {
  const [a, b] = [Array.from(one), Array.from(other)];
  const found = a.findIndex((letter, at) => letter !== b[at]);
  return found < 0 ? a.length : found;
}
