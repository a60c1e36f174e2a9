/** Times that are easy to count in, in seconds. */
const STEPS = [
  ...[0.001, 0.01, 0.1, 1].flatMap((unit) => [1, 2, 5].map((times) => unit * times)),
  ...[10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200],
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * 86_400),
];

/** What a label and the gap behind it take; one of whole seconds is shorter. */
const LABEL_PX = 96;
const WHOLE_LABEL_PX = 68;

/** Where an axis of so many seconds and pixels is labelled, in seconds: each label has room to its right. */
export function ticksOf(seconds: number, width: number): readonly number[] {
  const roomOf = (step: number) => (seconds * (step < 1 ? LABEL_PX : WHOLE_LABEL_PX)) / Math.max(1, width);
  const step = STEPS.find((one) => one >= roomOf(one));
  if (step === undefined || seconds <= 0) return [0];
  const last = Math.floor((seconds - roomOf(step)) / step + ROUNDING);
  return Array.from({ length: Math.max(0, last) + 1 }, (_, index) => index * step);
}

/** Parts of a step by which sums of fractions may be off. */
const ROUNDING = 1e-9;
