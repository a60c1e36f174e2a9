import { describe, expect, it } from 'vitest';
import { isDifferent, pairsOf } from './compare';
import { diffLines, differs, same } from './diff';
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
    expect(pairs[0]?.differs).toEqual({ status: false, input: true, output: true });
  });

  it('tell visits of a loop and iterations apart', () => {
    const keys = pairsOf(model('loop'), model('loop')).map(({ title }) => title);
    expect(keys).toContain('Add (visit 3)');
    expect(pairsOf(model('map'), model('map')).map(({ title }) => title)).toContain('Both › Each 2 › Twice › L');
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
