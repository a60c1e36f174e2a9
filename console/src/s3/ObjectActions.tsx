import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useState } from 'react';
import { notify } from '../app/notifications';
import { copy } from '../ui/copy';
import { CopyCommand } from '../ui/CopyCli';
import { CreateFolder } from './CreateFolder';
import { DeleteObjects } from './DeleteObjects';
import { download } from './download';
import { uriOf } from './names';
import { RemoveBucket } from './RemoveBucket';
import { keyOf, type Row } from './useObjects';
import { useS3 } from './useS3';

interface Props {
  readonly bucket: string;
  readonly prefix: string;
  readonly selected: readonly Row[];
  readonly onRefresh: () => void;
  readonly onDeleted: () => void;
  readonly upload: ReactNode;
}

export function ObjectActions({ bucket, prefix, selected, onRefresh, onDeleted, upload }: Props) {
  const { client } = useS3();
  const [dialog, setDialog] = useState<'delete' | 'folder' | 'empty'>();
  const close = () => setDialog(undefined);
  const objects = selected.flatMap(({ object }) => object ?? []);
  const [one] = selected;
  const keys = selected.map(keyOf);
  const act: Readonly<Record<string, () => unknown>> = {
    download: async () => {
      for (const { key } of objects) {
        await download(client, bucket, key);
      }
    },
    uri: () => copy((keys.length === 0 ? [prefix] : keys).map((key) => uriOf(bucket, key)).join('\n'), 'S3 URI'),
    key: () => copy(keys.join('\n'), 'path'),
    delete: () => setDialog('delete'),
    folder: () => setDialog('folder'),
    empty: () => setDialog('empty'),
  };
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button iconName="refresh" ariaLabel="Refresh" onClick={onRefresh} />
      <CopyCommand words={['s3', 'ls', uriOf(bucket, one === undefined ? prefix : keyOf(one))]} />
      <ButtonDropdown
        items={[
          { id: 'download', text: 'Download', disabled: objects.length === 0, disabledReason: 'Select objects first.' },
          { id: 'uri', text: 'Copy S3 URI' },
          { id: 'key', text: 'Copy path', disabled: keys.length === 0, disabledReason: 'Select objects first.' },
          { id: 'folder', text: 'Create folder' },
          { id: 'delete', text: 'Delete', disabled: selected.length === 0, disabledReason: 'Select objects first.' },
          { id: 'empty', text: 'Empty bucket' },
        ]}
        onItemClick={({ detail }) =>
          void Promise.resolve(act[detail.id]?.()).catch((error: unknown) => notify.error('That could not be done', error))
        }
      >
        Actions
      </ButtonDropdown>
      {upload}
      {dialog === 'delete' ? <DeleteObjects bucket={bucket} keys={keys} onClose={close} onDeleted={onDeleted} /> : null}
      {dialog === 'folder' ? <CreateFolder bucket={bucket} prefix={prefix} onClose={close} /> : null}
      {dialog === 'empty' ? <RemoveBucket bucket={bucket} what="objects" onClose={close} onDone={onDeleted} /> : null}
    </SpaceBetween>
  );
}
