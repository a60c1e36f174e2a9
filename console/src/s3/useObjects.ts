import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { S3Object } from '../aws/s3';
import { usePages } from '../ui/usePages';
import { useS3 } from './useS3';

/** A row of a folder's list. */
export type Row = { readonly folder: string; readonly object?: never } | { readonly object: S3Object; readonly folder?: never };

export function keyOf(row: Row): string {
  return row.folder ?? row.object.key;
}

/** What lies in a folder and begins with `start`, in S3's order; as much of it as is asked for. */
export function useObjects(bucket: string, prefix: string, start: string, rows: number) {
  const { api, key } = useS3();
  return usePages({
    key: [...key, 'objects', bucket, prefix, start],
    fetch: (nextToken, signal) =>
      api.listObjects({ bucket, prefix: prefix + start, delimiter: '/', nextToken, maxKeys: 500 }, { signal }),
    items: (page) => rowsOf(page.folders, page.objects, prefix),
    more: (items) => items.length <= rows,
  });
}

function rowsOf(folders: readonly string[], objects: readonly S3Object[], prefix: string): Row[] {
  const rows: Row[] = [
    ...folders.map((folder) => ({ folder })),
    // The folder's own mark is no object in it.
    ...objects.filter((object) => object.key !== prefix).map((object) => ({ object })),
  ];
  return rows;
}

/** To be called when objects of a bucket have come or gone. */
export function useObjectsChanged(bucket: string): () => Promise<void> {
  const { key } = useS3();
  const queries = useQueryClient();
  return useCallback(async () => {
    await queries.invalidateQueries({ queryKey: [...key, 'objects', bucket] });
  }, [queries, key, bucket]);
}
