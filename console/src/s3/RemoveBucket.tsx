import Box from '@cloudscape-design/components/box';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { notify } from '../app/notifications';
import { DeleteDialog } from '../ui/DeleteDialog';
import { CopyCommand } from '../ui/CopyCli';
import { deleteBelow } from './removal';
import { useS3 } from './useS3';

interface Props {
  readonly bucket: string;
  /** Its objects only, or the bucket too. */
  readonly what: 'objects' | 'bucket';
  readonly onClose: () => void;
  readonly onDone?: () => void;
}

/** Empties a bucket, or deletes one that is empty. */
export function RemoveBucket({ bucket, what, onClose, onDone }: Props) {
  const { api, key } = useS3();
  const queries = useQueryClient();
  const [gone, setGone] = useState(0);
  const remove = async () => {
    try {
      if (what === 'objects') {
        const count = await deleteBelow(api, bucket, '', setGone);
        notify.success(`Emptied ${bucket}: ${count} objects deleted`);
      } else {
        await api.deleteBucket(bucket);
        notify.success(`Deleted ${bucket}`);
      }
      onDone?.();
    } finally {
      // Some may be gone where the next could not be deleted.
      await queries.invalidateQueries({ queryKey: key });
    }
  };
  const words = what === 'objects' ? ['s3', 'rm', `s3://${bucket}`, '--recursive'] : ['s3', 'rb', `s3://${bucket}`];
  return (
    <DeleteDialog
      title={what === 'objects' ? 'Empty bucket?' : 'Delete bucket?'}
      names={[what === 'objects' ? `all objects in ${bucket}` : bucket]}
      warning={
        <>
          {what === 'objects'
            ? 'Every object in it goes. What is uploaded meanwhile may go too.'
            : 'Only an empty bucket can be deleted: empty it first. Its name may then be taken by others.'}
          {gone === 0 ? null : (
            <Box color="inherit">
              <span role="status">{gone} deleted so far</span>
            </Box>
          )}
        </>
      }
      onConfirm={remove}
      onClose={onClose}
      extra={<CopyCommand words={words} />}
    />
  );
}
