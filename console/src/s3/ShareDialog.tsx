import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { notify } from '../app/notifications';
import { objectUrl, type Place } from '../aws/s3';
import { copyText } from '../ui/clipboard';
import { Dialog } from '../ui/Dialog';
import { CopyCommand } from '../ui/CopyCli';
import { uriOf } from './names';
import { useS3 } from './useS3';

interface Props {
  readonly place: Place;
  readonly onClose: () => void;
}

/** Seven days is the most that a signature allows. */
const DURATIONS = [
  { value: '300', label: '5 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '43200', label: '12 hours' },
  { value: '604800', label: '7 days' },
] as const;

/** Copies a link that whoever has it may follow, for a time. */
export function ShareDialog({ place: { bucket, key }, onClose }: Props) {
  const { client } = useS3();
  const [seconds, setSeconds] = useState('3600');
  const selected = DURATIONS.find(({ value }) => value === seconds) ?? null;
  const share = async () => {
    await copyText(await objectUrl(client, bucket, key, {}, Number(seconds)));
    notify.success('Copied the presigned link');
  };
  return (
    <Dialog
      title="Share with a presigned link"
      action="Copy link"
      onConfirm={share}
      onClose={onClose}
      extra={<CopyCommand words={['s3', 'presign', uriOf(bucket, key), '--expires-in', seconds]} />}
    >
      <FormField label="The link works for" description="Whoever has it can read the object, without a key of their own.">
        <Select
          selectedOption={selected}
          options={DURATIONS}
          onChange={({ detail }) => setSeconds(detail.selectedOption.value ?? seconds)}
        />
      </FormField>
    </Dialog>
  );
}
