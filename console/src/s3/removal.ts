import { DELETED_AT_ONCE_MAX, type s3 } from '../aws/s3';

type Api = Pick<ReturnType<typeof s3>, 'listObjects' | 'deleteObjects'>;

/** Deletes all whose key begins with `prefix`, a page of the list at a time; tells how many are gone. */
export async function deleteBelow(api: Api, bucket: string, prefix: string, onProgress: (gone: number) => void): Promise<number> {
  let gone = 0;
  for (;;) {
    // From the beginning each time: what was there is gone.
    const { objects } = await api.listObjects({ bucket, prefix, maxKeys: DELETED_AT_ONCE_MAX });
    if (objects.length === 0) {
      return gone;
    }
    await api.deleteObjects(bucket, objects.map(({ key }) => key));
    gone += objects.length;
    onProgress(gone);
  }
}
