import { describe, expect, it } from 'vitest';
import { attributesOf } from './attributes';
import { fileProblem, imageOf, imageWords } from './picture';

const BOX = { Left: 0, Top: 0, Width: 1, Height: 1 };

describe('attributesOf', () => {
  it('names what the API found, whatever it is', () => {
    const face = {
      BoundingBox: BOX,
      Confidence: 99,
      AgeRange: { Low: 20, High: 30 },
      EyesOpen: { Value: true, Confidence: 90 },
      Gender: { Value: 'Female', Confidence: 80 },
      Sunglasses: { Value: false, Confidence: 70 },
      Emotions: [{ Type: 'HAPPY', Confidence: 60 }],
      Pose: { Roll: -1.4, Yaw: 2, Pitch: 3 },
      Landmarks: [{ Type: 'eyeLeft', X: 0, Y: 0 }],
    };
    expect(attributesOf(face).map(({ name, value, confidence }) => [name, value, confidence])).toEqual([
      ['Face', 'Yes', 99],
      ['Age', '20 to 30', undefined],
      ['Eyes open', 'Yes', 90],
      ['Gender', 'Female', 80],
      ['Sunglasses', 'No', 70],
      ['Emotion', 'Happy', 60],
      ['Pose', 'roll -1°, yaw 2°, pitch 3°', undefined],
    ]);
  });

  it('does with a bare face', () => {
    expect(attributesOf({ BoundingBox: BOX, Confidence: 99 })).toHaveLength(1);
  });
});

describe('pictures', () => {
  it('are refused that Rekognition would refuse', () => {
    expect(fileProblem({ name: 'a.gif', size: 1, type: 'image/gif' })).toMatch(/JPEG/);
    expect(fileProblem({ name: 'a.jpg', size: 6e6, type: 'image/jpeg' })).toMatch(/bucket/);
    expect(fileProblem({ name: 'a.jpg', size: 5e6, type: 'image/jpeg' })).toBeUndefined();
  });

  it('are named to the API and the CLI', () => {
    const object = { kind: 'object', bucket: 'b', key: 'k' } as const;
    expect(imageOf(object)).toEqual({ S3Object: { Bucket: 'b', Name: 'k' } });
    expect(imageWords(object)).toEqual(['--image', '{"S3Object":{"Bucket":"b","Name":"k"}}']);
    expect(imageWords({ kind: 'file', id: 1, name: 'a.jpg', base64: '', url: '' })).toEqual(['--image-bytes', 'fileb://a.jpg']);
  });
});
