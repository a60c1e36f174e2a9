import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import { CopyCli } from '../ui/CopyCli';
import { DeleteDialog } from '../ui/DeleteDialog';
import { useRekognition } from './useRekognition';

interface Props {
  readonly ids: readonly string[];
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

export function DeleteCollections({ ids, onClose, onDeleted }: Props) {
  const { api, key } = useRekognition();
  const queries = useQueryClient();
  const remove = async () => {
    for (const CollectionId of ids) {
      await api.deleteCollection({ CollectionId });
    }
    notify.success(`Deleted ${ids.join(', ')}`);
    onDeleted?.();
    await queries.invalidateQueries({ queryKey: [...key, 'collections'] });
  };
  const [one] = ids;
  return (
    <DeleteDialog
      title={ids.length === 1 ? 'Delete collection?' : `Delete ${ids.length} collections?`}
      names={ids}
      warning="Its faces go with it. Pictures in buckets stay."
      onConfirm={remove}
      onClose={onClose}
      extra={ids.length === 1 ? <CopyCli service="rekognition" operation="DeleteCollection" input={{ CollectionId: one }} /> : null}
    />
  );
}
