import { useState } from 'react';
import { notify } from '../app/notifications';
import { DeleteDialog } from '../ui/DeleteDialog';
import { CopyCli, CopyCommand } from '../ui/CopyCli';
import { baseName, uriOf } from './names';
import { deleteBelow } from './removal';
import { useObjectsChanged } from './useObjects';
import { useS3 } from './useS3';

interface Props {
  readonly bucket: string;
  /** Objects, and folders with all that is in them: a folder ends in a slash. */
  readonly keys: readonly string[];
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

export function DeleteObjects({ bucket, keys, onClose, onDeleted }: Props) {
  const { api } = useS3();
  const changed = useObjectsChanged(bucket);
  const [gone, setGone] = useState(0);
  const folders = keys.filter((key) => key.endsWith('/'));
  const objects = keys.filter((key) => !key.endsWith('/'));
  const remove = async () => {
    try {
      await api.deleteObjects(bucket, objects);
      let count = objects.length;
      for (const folder of folders) {
        const before = count;
        count += await deleteBelow(api, bucket, folder, (more) => setGone(before + more));
      }
      notify.success(count === 1 ? `Deleted ${keys[0] ?? ''}` : `Deleted ${count} objects`);
      onDeleted();
    } finally {
      // Some may be gone where the next could not be deleted.
      await changed();
    }
  };
  const [one] = keys;
  const extra =
    keys.length !== 1 || one === undefined ? null : one.endsWith('/') ? (
      <CopyCommand words={['s3', 'rm', uriOf(bucket, one), '--recursive']} />
    ) : (
      <CopyCli service="s3api" operation="DeleteObject" input={{ Bucket: bucket, Key: one }} />
    );
  return (
    <DeleteDialog
      title={keys.length === 1 ? 'Delete?' : `Delete ${keys.length} selected?`}
      names={keys.map(baseName)}
      warning={
        <>
          {folders.length === 0 ? 'Objects are not kept after their deletion.' : 'Folders go with all that is in them.'}
          {gone === 0 ? null : <span role="status"> {gone} deleted so far.</span>}
        </>
      }
      onConfirm={remove}
      onClose={onClose}
      extra={extra}
    />
  );
}
