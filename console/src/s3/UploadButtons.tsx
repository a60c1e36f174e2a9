import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { type ChangeEvent, useRef } from 'react';
import { chosenFiles } from './drop';
import { startUploads } from './uploads';
import { useObjectsChanged } from './useObjects';
import { useS3 } from './useS3';

interface Props {
  readonly bucket: string;
  readonly prefix: string;
}

/** Chooses files, or a folder, and uploads them. */
export function UploadButtons({ bucket, prefix }: Props) {
  const { client } = useS3();
  const changed = useObjectsChanged(bucket);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const start = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    startUploads(client, bucket, prefix, chosenFiles(currentTarget.files ?? []), () => void changed());
    // The same file may be chosen again.
    currentTarget.value = '';
  };
  return (
    <>
      <input ref={files} className="s3-file" type="file" multiple aria-label="Files to upload" onChange={start} />
      <input
        ref={(element) => {
          element?.setAttribute('webkitdirectory', '');
          folder.current = element;
        }}
        className="s3-file"
        type="file"
        aria-label="Folder to upload"
        onChange={start}
      />
      <ButtonDropdown
        variant="primary"
        mainAction={{ text: 'Upload', onClick: () => files.current?.click() }}
        ariaLabel="More ways to upload"
        items={[
          { id: 'files', text: 'Upload files' },
          { id: 'folder', text: 'Upload a folder' },
        ]}
        onItemClick={({ detail }) => (detail.id === 'folder' ? folder : files).current?.click()}
      />
    </>
  );
}
