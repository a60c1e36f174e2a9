import { isObject, type Json } from '../graph/json';
import { valueOf } from './diff';

/** Parts of the picture's width and height, as Rekognition gives them. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly confidence?: number;
}

export interface Picture {
  readonly bucket: string;
  readonly key: string;
  readonly boxes: readonly Box[];
}

/** How many are shown of one state: a list of a thousand objects is no album. */
const PICTURES_MAX = 6;
/** How much of a state's data is looked through. */
const VALUES_MAX = 5000;
const TEXT_MAX = 1_000_000;
const IMAGE = /\.(jpe?g|png|gif|webp|avif|bmp|svg)$/i;

/**
 * The pictures in S3 that a state's data names, with the faces found on them.
 *
 * An object names one by `s3Bucket` and `s3Key`, `bucket` and `key`, Rekognition's `S3Object`, an S3 event or a
 * notification of EventBridge; capitals do not matter. A `BoundingBox` belongs to the picture that the nearest object
 * around it names first.
 */
export function picturesOf(...texts: (string | undefined)[]): Picture[] {
  const found = new Map<string, { bucket: string; key: string; boxes: Box[] }>();
  let left = VALUES_MAX;
  const visit = (value: Json, around: { boxes: Box[] } | undefined, depth: number) => {
    left -= 1;
    if (left < 0 || depth > 40) return;
    if (Array.isArray(value)) {
      value.forEach((item) => visit(item, around, depth + 1));
    } else if (isObject(value)) {
      const named = objectIn(value);
      const here = named === undefined ? around : remember(found, named);
      const box = boxIn(value);
      if (box !== undefined && here !== undefined && !here.boxes.some((one) => one.left === box.left && one.top === box.top && one.width === box.width)) here.boxes.push(box);
      Object.values(value).forEach((item) => visit(item, here, depth + 1));
    }
  };
  for (const text of texts) {
    if (text !== undefined && text.length < TEXT_MAX) visit(valueOf(text) as Json, first(found), 0);
  }
  return [...found.values()].slice(0, PICTURES_MAX);
}

/** A result that names no object is about the one that the input names. */
const first = <Value>(found: Map<string, Value>): Value | undefined => found.values().next().value;

function remember<Value extends { bucket: string; key: string; boxes: Box[] }>(
  found: Map<string, Value | { bucket: string; key: string; boxes: Box[] }>,
  named: { bucket: string; key: string },
): { boxes: Box[] } {
  const id = `${named.bucket}/${named.key}`;
  const known = found.get(id) ?? { ...named, boxes: [] };
  found.set(id, known);
  return known;
}

function objectIn(value: Record<string, Json>): { bucket: string; key: string } | undefined {
  const members = new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase().replace(/[_-]/g, ''), member]));
  const text = (...names: string[]) => {
    for (const name of names) {
      const member = members.get(name);
      if (typeof member === 'string') return member;
      // `{"bucket": {"name": …}, "object": {"key": …}}`: S3's events; `{"S": …}`: DynamoDB's texts.
      const inner = isObject(member) ? (member['name'] ?? member['key'] ?? member['S']) : undefined;
      if (typeof inner === 'string') return inner;
    }
    return undefined;
  };
  const bucket = text('s3bucket', 'bucket', 'bucketname', 'srcbucket');
  const key = text('s3key', 'key', 'objectkey', 'name', 'object', 'srckey');
  return bucket === undefined || key === undefined || !IMAGE.test(key) ? undefined : { bucket, key };
}

function boxIn(value: Record<string, Json>): Box | undefined {
  const box = value['BoundingBox'];
  if (!isObject(box)) return undefined;
  const { Left, Top, Width, Height } = box;
  if (typeof Left !== 'number' || typeof Top !== 'number' || typeof Width !== 'number' || typeof Height !== 'number') return undefined;
  const confidence = value['Confidence'];
  return { left: Left, top: Top, width: Width, height: Height, ...(typeof confidence === 'number' ? { confidence } : {}) };
}
