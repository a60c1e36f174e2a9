import { at, type Place } from '../app/link';
import { baseName, folderOf } from './names';

export function folderPlace(bucket: string, prefix: string): Place {
  return at('s3', bucket, { prefix });
}

export function objectPlace(bucket: string, key: string): Place {
  return at('s3', bucket, 'object', { key });
}

/** The way to a folder or object: buckets, the bucket, each folder above it. */
export function crumbsTo(bucket: string, key: string): { readonly text: string; readonly to: Place }[] {
  const folders: string[] = [];
  for (let folder = folderOf(key); folder !== ''; folder = folderOf(folder)) {
    folders.unshift(folder);
  }
  return [
    { text: 'Buckets', to: at('s3') },
    ...(key === '' ? [] : [{ text: bucket, to: at('s3', bucket) }]),
    ...folders.map((folder) => ({ text: baseName(folder), to: folderPlace(bucket, folder) })),
  ];
}
