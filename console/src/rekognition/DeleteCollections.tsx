import { DeleteEach } from '../ui/DeleteEach';
import { useRekognition } from './useRekognition';

interface Props {
  readonly ids: readonly string[];
  readonly onClose: () => void;
  readonly onDeleted?: () => void;
}

export function DeleteCollections({ ids, onClose, onDeleted }: Props) {
  const { api, key } = useRekognition();
  return (
    <DeleteEach
      one="collection"
      items={ids}
      nameOf={(id) => id}
      warning="Its faces go with it. Pictures in buckets stay."
      remove={(CollectionId) => api.deleteCollection({ CollectionId })}
      callOf={(CollectionId) => ({ service: 'rekognition', operation: 'DeleteCollection', input: { CollectionId } })}
      lists={[[...key, 'collections']]}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}
