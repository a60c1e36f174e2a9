import { describe, expect, it } from 'vitest';
import { differencesOf, errorOf, isDifferent, pairsOf, slowerBy } from './compare';
import { diffLines, differs, linePairs, same } from './diff';
import { folded } from './folded';
import { Model } from './model';
import { picturesOf } from './pictures';
import { recorded } from './recorded';

const model = (name: string) => {
  const { definition, events } = recorded(name);
  const made = new Model(definition);
  made.add(events);
  return made;
};

describe('two executions of one state machine', () => {
  it('are the same as themselves', () => {
    expect(pairsOf(model('map'), model('map')).some(isDifferent)).toBe(false);
  });

  it('differ in ways, data and states', () => {
    const pairs = pairsOf(model('rider-happy'), model('rider-same'));
    expect(pairs.map(({ title, left, right }) => [title, left?.status, right?.status])).toEqual([
      ['FaceDetection', 'succeeded', 'succeeded'],
      ['CheckFaceDuplicate', 'succeeded', 'caught'],
      ['ParallelProcessing', 'succeeded', undefined],
      ['ParallelProcessing › AddFaceToIndex', 'succeeded', undefined],
      ['ParallelProcessing › Thumbnail', 'succeeded', undefined],
      ['PersistMetadata', 'succeeded', undefined],
      ['PhotoDoesNotMeetRequirement', undefined, 'succeeded'],
    ]);
    expect(pairs[0]?.differs).toEqual({ status: false, input: true, output: true, error: false });
    expect(pairs.map(differencesOf).slice(0, 3)).toEqual(['input, output', 'status, input, output, error', 'only in A']);
  });

  it('tell visits of a loop and iterations apart', () => {
    const keys = pairsOf(model('loop'), model('loop')).map(({ title }) => title);
    expect(keys).toContain('Add (visit 3)');
    expect(pairsOf(model('map'), model('map')).map(({ title }) => title)).toContain('Both › Each 2 › Twice › L');
  });
});

describe('a pair of visits', () => {
  it('tells what the state failed with, whether it was caught or not', () => {
    const [ask, rest] = model('retry').runs;
    expect(errorOf(ask)).toContain('Sfn.ExecutionDoesNotExistException');
    expect([errorOf(rest), errorOf(undefined)]).toEqual([undefined, undefined]);
  });

  it('tells by how much the second took longer', () => {
    const pairs = pairsOf(model('rider-happy'), model('rider-same'));
    const [first] = pairs;
    const [a, b] = [first?.left, first?.right];
    expect(first === undefined ? undefined : slowerBy(first)).toBe((b?.stopped ?? 0) - (b?.entered ?? 0) - ((a?.stopped ?? 0) - (a?.entered ?? 0)));
    expect(pairs.slice(2).map(slowerBy)).toEqual(Array(5).fill(undefined));
  });
});

describe('two values side by side', () => {
  it('have both where a line changed, and one where it is on one side only', () => {
    const pairs = linePairs({ a: 1, b: [1, 2], gone: true }, { a: { x: 1 }, b: [1, 2] });
    expect(pairs.filter(({ mark }) => mark !== 'same')).toEqual([
      { left: '  "a": 1,', right: '  "a": {', mark: 'changed' },
      { left: undefined, right: '    "x": 1', mark: 'changed' },
      { left: undefined, right: '  },', mark: 'changed' },
      { left: '  "gone": true', right: undefined, mark: 'removed' },
    ]);
    expect(linePairs(undefined, undefined)).toEqual([]);
  });

  it('are folded where they are the same', () => {
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const shown = folded(linePairs(numbers, numbers.map((n) => (n === 50 ? -1 : n))));
    expect(shown.map((line) => ('skipped' in line ? line.skipped : line.right?.trim()))).toEqual([48, '47,', '48,', '49,', '-1,', '51,', '52,', '53,', 47]);
    expect(folded(linePairs([1, 2, 3], [1, 2, 3, 4])).length).toBe(6);
  });
});

describe('a difference of two values', () => {
  it('marks what was added, changed and removed', () => {
    const lines = diffLines({ a: 1, b: [1, 2], gone: true }, { a: 2, b: [1, 2, 3], fresh: { x: null } });
    expect(lines.filter(({ mark }) => mark !== 'same')).toEqual([
      { text: '  "a": 2,', mark: 'changed' },
      { text: '    3', mark: 'added' },
      { text: '  "fresh": {', mark: 'added' },
      { text: '    "x": null', mark: 'added' },
      { text: '  },', mark: 'added' },
      { text: '  "gone": true', mark: 'removed' },
    ]);
  });

  it('is none between equal values, whatever the order of their members', () => {
    expect(differs(diffLines({ a: 1, b: { c: [] } }, { b: { c: [] }, a: 1 }))).toBe(false);
    expect(same([1, { a: 'x' }], [1, { a: 'x' }])).toBe(true);
    expect(same([], {})).toBe(false);
  });

  it('has an end', () => {
    expect(diffLines([], Array.from({ length: 100_000 }, (_, n) => n)).length).toBeLessThan(3100);
  });
});

describe('the pictures of a state', () => {
  it('are those of the rider-photo workflow, with the face on them', () => {
    const { events } = recorded('rider-happy');
    const output = events.findLast(({ type }) => type === 'ParallelStateExited')?.stateExitedEventDetails?.output;
    const [photo, thumbnail, ...rest] = picturesOf(output);
    expect(photo).toMatchObject({ bucket: 'wildrydes-rider-photos-000000000000', key: '1_happy_face.jpg' });
    expect(photo?.boxes.length).toBe(1);
    expect(photo?.boxes[0]?.confidence).toBeGreaterThan(90);
    expect(thumbnail).toMatchObject({ key: 'resized-1_happy_face.jpg', boxes: [] });
    expect(rest).toEqual([]);
  });

  it('are named as S3, Rekognition and EventBridge name them', () => {
    expect(picturesOf('{"Image":{"S3Object":{"Bucket":"b","Name":"a.png"}}}')[0]).toMatchObject({ bucket: 'b', key: 'a.png' });
    expect(picturesOf('{"detail":{"bucket":{"name":"b"},"object":{"key":"写真/é.JPG"}}}')[0]).toMatchObject({ key: '写真/é.JPG' });
    expect(picturesOf('{"bucket":"b","key":"a.csv"}', 'no JSON', undefined)).toEqual([]);
  });

  it('take the faces of a result that names no object', () => {
    const box = '{"BoundingBox":{"Left":0.1,"Top":0.2,"Width":0.3,"Height":0.4},"Confidence":99}';
    expect(picturesOf('{"s3Bucket":"b","s3Key":"a.jpg"}', box)[0]?.boxes).toEqual([{ left: 0.1, top: 0.2, width: 0.3, height: 0.4, confidence: 99 }]);
  });
});
