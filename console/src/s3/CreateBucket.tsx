import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { at, useGo } from '../app/link';
import { notify } from '../app/notifications';
import { CopyCommand } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { bucketProblem } from './names';
import { useS3 } from './useS3';

export function CreateBucket({ onClose }: { readonly onClose: () => void }) {
  const { api, key } = useS3();
  const queries = useQueryClient();
  const go = useGo();
  const [name, setName] = useState('');
  const problem = bucketProblem(name);
  const create = async () => {
    await api.createBucket(name);
    await queries.invalidateQueries({ queryKey: [...key, 'buckets'] });
    notify.success(`Created ${name}`);
    go(at('s3', name));
  };
  return (
    <Dialog
      title="Create bucket"
      action="Create bucket"
      disabled={problem !== undefined}
      onConfirm={create}
      onClose={onClose}
      extra={<CopyCommand words={['s3', 'mb', `s3://${name}`]} disabled={problem !== undefined} />}
    >
      <FormField
        stretch
        label="Bucket name"
        description="One of its kind on this server, over all accounts and regions."
        errorText={name === '' ? undefined : problem}
      >
        <Input value={name} autoFocus autoComplete={false} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </Dialog>
  );
}
