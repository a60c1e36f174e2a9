import Button from '@cloudscape-design/components/button';
import { type ChangeEvent, useRef } from 'react';
import { notify } from '../app/notifications';
import './lambda.css';
import { entriesOf } from './zip';

interface Props {
  readonly disabled: boolean;
  readonly onChoose: (zip: Uint8Array) => Promise<void>;
}

/** Replaces the whole package by a file. */
export function UploadZip({ disabled, onChoose }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const choose = async ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    const file = currentTarget.files?.[0];
    // The same file may be chosen again.
    currentTarget.value = '';
    if (file === undefined) {
      return;
    }
    try {
      const zip = new Uint8Array(await file.arrayBuffer());
      // Refused here rather than after it was sent.
      entriesOf(zip);
      await onChoose(zip);
    } catch (error) {
      notify.error(`${file.name} could not be uploaded`, error);
    }
  };
  return (
    <>
      <input ref={input} className="code-zip" type="file" accept=".zip,application/zip" aria-label="Package to upload" onChange={choose} />
      <Button iconName="upload" disabled={disabled} onClick={() => input.current?.click()}>
        Upload .zip
      </Button>
    </>
  );
}
