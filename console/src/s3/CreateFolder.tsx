import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { at, useGo } from '../app/link';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { keyProblem } from './names';
import { useObjectsChanged } from './useObjects';
import { useS3 } from './useS3';

interface Props {
  readonly bucket: string;
  readonly prefix: string;
  readonly onClose: () => void;
}

/** Makes the empty object that stands for a folder, and goes into it. */
export function CreateFolder({ bucket, prefix, onClose }: Props) {
  const { api } = useS3();
  const changed = useObjectsChanged(bucket);
  const go = useGo();
  const [name, setName] = useState('');
  const key = `${prefix}${name.replace(/\/+$/, '')}/`;
  const problem = keyProblem(key);
  const create = async () => {
    await api.putObject({ bucket, key }, new Blob([]), 'application/x-directory');
    await changed();
    go(at('s3', bucket, { prefix: key }));
  };
  const isBlank = name.replaceAll('/', '') === '';
  return (
    <Dialog
      title="Create folder"
      action="Create folder"
      disabled={isBlank || problem !== undefined}
      onConfirm={create}
      onClose={onClose}
      extra={<CopyCli service="s3api" operation="PutObject" input={{ Bucket: bucket, Key: key }} disabled={isBlank} />}
    >
      <FormField stretch label="Folder name" description="Folders are how keys begin: an upload makes those it needs." errorText={problem}>
        <Input value={name} autoFocus autoComplete={false} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </Dialog>
  );
}
