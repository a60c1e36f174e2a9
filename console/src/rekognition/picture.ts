import type { Image } from '../aws/rekognition';

/** A picture to look at: a file of this computer, or an object. */
export type Picture =
  | { readonly kind: 'file'; readonly id: number; readonly name: string; readonly base64: string; readonly url: string }
  | { readonly kind: 'object'; readonly bucket: string; readonly key: string };

/** Rekognition's bound for pictures in a request; in S3 they may have 15 MB. */
const FILE_BYTES_MAX = 5 * 1024 * 1024;

/** Why Rekognition would refuse the file; none if it would not. */
export function fileProblem({ name, size, type }: Pick<File, 'name' | 'size' | 'type'>): string | undefined {
  if (type !== 'image/jpeg' && type !== 'image/png') {
    return `${name} is no JPEG or PNG picture.`;
  }
  return size > FILE_BYTES_MAX ? `${name} is larger than 5 MB: put it into a bucket and choose it there.` : undefined;
}

/** Files that were read. */
let count = 0;

export async function readFile(file: File): Promise<Picture> {
  const problem = fileProblem(file);
  if (problem !== undefined) {
    throw new Error(problem);
  }
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error(`${file.name} could not be read.`));
    reader.readAsDataURL(file);
  });
  return { kind: 'file', id: (count += 1), name: file.name, url, base64: url.slice(url.indexOf(',') + 1) };
}

export function imageOf(picture: Picture): Image {
  return picture.kind === 'file' ? { Bytes: picture.base64 } : { S3Object: { Bucket: picture.bucket, Name: picture.key } };
}

/** The AWS CLI's words for the picture. */
export function imageWords(picture: Picture): string[] {
  return picture.kind === 'file' ? ['--image-bytes', `fileb://${picture.name}`] : ['--image', JSON.stringify(imageOf(picture))];
}

/** What tells one picture from another, for a query's key: short, since it is compared whenever the page is drawn. */
export function pictureKey(picture: Picture | undefined): string {
  if (picture === undefined) {
    return '';
  }
  return picture.kind === 'file' ? `file ${picture.id}` : `object ${picture.bucket}/${picture.key}`;
}
