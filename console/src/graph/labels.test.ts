import { expect, test } from 'vitest';
import { drawnLabels } from './labels';

const bucket = (name: string) => `$.detail.requestParameters.bucketName == "${name}"`;

test('a short label stands as it is, and none where there is none', () => {
  expect(drawnLabels(['$.a == 1', undefined, 'Default'])).toEqual(['$.a == 1', undefined, 'Default']);
});

test('a long label keeps its end, which tells what is asked for', () => {
  expect(drawnLabels([bucket('photos'), bucket('thumbnails')])).toEqual(['$.detail.r…ucketName == "photos"', '$.detail.r…tName == "thumbnails"']);
});

test.each([
  [['north', 'south', 'west'].map((side) => `$.${side} == 1 && $.detail.requestParameters.isPresent`)],
  [['aa', 'ab', 'ba'].map((side) => `$.detail.request.a${side} == 1 && $.detail.requestParameters.isPresent`)],
  [[`${'x'.repeat(60)}${'y'.repeat(60)}`, `${'x'.repeat(60)}z${'y'.repeat(60)}`]],
  [['🐎', '🐑', '犬'].map((animal) => `${'馬'.repeat(40)}${animal}${'馬'.repeat(40)}`)],
])('labels that differ in what is cut are told apart: %j', (labels) => {
  const drawn = drawnLabels(labels);
  expect(new Set(drawn).size).toBe(labels.length);
  for (const text of drawn) expect(Array.from(text ?? '').length).toBeLessThanOrEqual(32);
});

test('what is the same is drawn the same', () => {
  const [one, other] = drawnLabels([bucket('photos'), bucket('photos')]);
  expect(one).toBe(other);
});
