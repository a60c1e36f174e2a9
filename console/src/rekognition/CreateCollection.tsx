import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { at, useGo } from '../app/link';
import { notify } from '../app/notifications';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { useRekognition } from './useRekognition';

/** The API's rule. */
const ID = /^[a-zA-Z0-9_.-]{1,255}$/;

export function CreateCollection({ onClose }: { readonly onClose: () => void }) {
  const { api, key } = useRekognition();
  const queries = useQueryClient();
  const go = useGo();
  const [id, setId] = useState('');
  const isGood = ID.test(id);
  const create = async () => {
    await api.createCollection({ CollectionId: id });
    await queries.invalidateQueries({ queryKey: [...key, 'collections'] });
    notify.success(`Created ${id}`);
    go(at('rekognition', id));
  };
  return (
    <Dialog
      title="Create collection"
      action="Create collection"
      disabled={!isGood}
      onConfirm={create}
      onClose={onClose}
      extra={<CopyCli service="rekognition" operation="CreateCollection" input={{ CollectionId: id }} disabled={!isGood} />}
    >
      <FormField
        stretch
        label="Collection ID"
        errorText={id === '' || isGood ? undefined : 'An ID has 1 to 255 letters, digits, dots, hyphens and underscores.'}
      >
        <Input value={id} autoFocus autoComplete={false} spellcheck={false} onChange={({ detail }) => setId(detail.value)} />
      </FormField>
    </Dialog>
  );
}
