import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { notify } from '../app/notifications';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { useLambda } from './useLambda';

interface Props {
  readonly name: string;
  readonly onClose: () => void;
}

export function PublishDialog({ name, onClose }: Props) {
  const { api, key } = useLambda();
  const queries = useQueryClient();
  const [description, setDescription] = useState('');
  const publish = async () => {
    const { Version: version } = await api.publishVersion(name, description);
    await queries.invalidateQueries({ queryKey: [...key, 'versions', name] });
    notify.success(`Published version ${version}`);
  };
  return (
    <Dialog
      title="Publish version"
      action="Publish"
      onConfirm={publish}
      onClose={onClose}
      extra={<CopyCli service="lambda" operation="PublishVersion" input={{ FunctionName: name, Description: description }} />}
    >
      <FormField
        stretch
        label={<>Description <i>- optional</i></>}
        description="If nothing has changed since the last version, that one is answered and none is made."
      >
        <Input value={description} autoFocus onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </Dialog>
  );
}
