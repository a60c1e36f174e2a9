import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { at, href, useFollow, useGo } from '../app/link';
import { notify } from '../app/notifications';
import type { ObjectHead, Place } from '../aws/s3';
import { CopyCommand } from '../ui/CopyCli';
import { DeleteObjects } from './DeleteObjects';
import { download } from './download';
import { baseName, folderOf, uriOf } from './names';
import { folderPlace } from './place';
import { mayShowFaces } from './preview';
import { ShareDialog } from './ShareDialog';
import { useS3 } from './useS3';

interface Props {
  readonly place: Place;
  readonly head: ObjectHead;
}

export function ObjectHeader({ place: { bucket, key }, head }: Props) {
  const { client } = useS3();
  const go = useGo();
  const follow = useFollow();
  const [dialog, setDialog] = useState<'delete' | 'share'>();
  const close = () => setDialog(undefined);
  const save = () => download(client, bucket, key).catch((error: unknown) => notify.error('The object could not be downloaded', error));
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <CopyCommand words={['s3', 'cp', uriOf(bucket, key), '.']} />
      {mayShowFaces(key, head.contentType) ? (
        <Button href={href(at('detect-faces', { bucket, key }))} onFollow={follow}>
          Detect faces
        </Button>
      ) : null}
      <Button onClick={() => setDialog('share')}>Share</Button>
      <Button onClick={() => setDialog('delete')}>Delete</Button>
      <Button variant="primary" iconName="download" onClick={save}>
        Download
      </Button>
    </SpaceBetween>
  );
  return (
    <>
      <Header variant="h1" actions={actions}>
        <span className="s3-key">{baseName(key)}</span>
      </Header>
      {dialog === 'share' ? <ShareDialog place={{ bucket, key }} onClose={close} /> : null}
      {dialog === 'delete' ? (
        <DeleteObjects bucket={bucket} keys={[key]} onClose={close} onDeleted={() => go(folderPlace(bucket, folderOf(key)))} />
      ) : null}
    </>
  );
}
