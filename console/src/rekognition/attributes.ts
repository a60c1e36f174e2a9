import type { FaceDetail, Finding } from '../aws/rekognition';

export interface Attribute {
  readonly name: string;
  readonly value: string;
  /** Up to 100; none where the API gives none. */
  readonly confidence?: number;
}

/** What a face is said to be, in words, the API's order kept. */
export function attributesOf(face: FaceDetail): readonly Attribute[] {
  const found: Attribute[] = [{ name: 'Face', value: 'Yes', confidence: face.Confidence }];
  if (face.AgeRange !== undefined) {
    found.push({ name: 'Age', value: `${face.AgeRange.Low} to ${face.AgeRange.High}` });
  }
  for (const [name, value] of Object.entries(face)) {
    if (isFinding(value)) {
      found.push({ name: wordsOf(name), value: textOf(value.Value), confidence: value.Confidence });
    }
  }
  for (const emotion of face.Emotions ?? []) {
    found.push({ name: 'Emotion', value: wordsOf(emotion.Type), confidence: emotion.Confidence });
  }
  const { Pose: pose, Quality: quality } = face;
  if (pose !== undefined) {
    found.push({ name: 'Pose', value: `roll ${degrees(pose.Roll)}, yaw ${degrees(pose.Yaw)}, pitch ${degrees(pose.Pitch)}` });
  }
  if (quality !== undefined) {
    found.push({ name: 'Quality', value: `brightness ${quality.Brightness.toFixed(1)}, sharpness ${quality.Sharpness.toFixed(1)}` });
  }
  return found;
}

function isFinding(value: unknown): value is Finding {
  return typeof value === 'object' && value !== null && 'Value' in value && 'Confidence' in value;
}

function textOf(value: boolean | string): string {
  return typeof value === 'string' ? value : value ? 'Yes' : 'No';
}

/** `EyesOpen` → `Eyes open`, `HAPPY` → `Happy`. */
function wordsOf(name: string): string {
  const spaced = /[a-z]/.test(name) ? name.replace(/([a-z])([A-Z])/g, '$1 $2') : name;
  return spaced.charAt(0).toUpperCase() + spaced.slice(1).toLowerCase();
}

function degrees(value: number): string {
  return `${value.toFixed(0)}°`;
}
