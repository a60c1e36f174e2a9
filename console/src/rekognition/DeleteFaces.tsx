import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import { CopyCli } from '../ui/CopyCli';
import { DeleteDialog } from '../ui/DeleteDialog';
import { useRekognition } from './useRekognition';

interface Props {
  readonly collection: string;
  readonly ids: readonly string[];
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}

/** What one call takes. */
const AT_ONCE_MAX = 4096;

export function DeleteFaces({ collection, ids, onClose, onDeleted }: Props) {
  const { api, key } = useRekognition();
  const queries = useQueryClient();
  const remove = async () => {
    try {
      for (let start = 0; start < ids.length; start += AT_ONCE_MAX) {
        await api.deleteFaces({ CollectionId: collection, FaceIds: ids.slice(start, start + AT_ONCE_MAX) });
      }
      notify.success(ids.length === 1 ? 'Deleted the face' : `Deleted ${ids.length} faces`);
      onDeleted();
    } finally {
      // Some may be gone where the next could not be deleted.
      await queries.invalidateQueries({ queryKey: key });
    }
  };
  return (
    <DeleteDialog
      title={ids.length === 1 ? 'Delete face?' : `Delete ${ids.length} faces?`}
      names={ids}
      warning="Who has no face in the collection is not found there any more, and may sign up again."
      onConfirm={remove}
      onClose={onClose}
      extra={<CopyCli service="rekognition" operation="DeleteFaces" input={{ CollectionId: collection, FaceIds: ids }} />}
    />
  );
}
