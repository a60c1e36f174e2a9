import Autosuggest from '@cloudscape-design/components/autosuggest';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { errorText } from '../app/notifications';
import { useS3 } from '../s3/useS3';
import type { Picture } from './picture';

interface Props {
  readonly object: { readonly bucket: string; readonly key: string } | undefined;
  readonly onChange: (picture: Picture) => void;
}

/** As many keys as one looks through. */
const SUGGESTED_MAX = 200;

/** Chooses an object: its bucket, then its key, which is suggested as it is typed. */
export function ObjectPicker({ object, onChange }: Props) {
  const { api, key } = useS3();
  const [bucket, setBucket] = useState(object?.bucket);
  const [typed, setTyped] = useState(object?.key ?? '');
  const buckets = useQuery({ queryKey: [...key, 'buckets'], queryFn: ({ signal }) => api.listBuckets({ signal }) });
  const keys = useQuery({
    queryKey: [...key, 'objects', bucket, 'suggest', typed],
    queryFn: ({ signal }) => api.listObjects({ bucket: bucket ?? '', prefix: typed, maxKeys: SUGGESTED_MAX }, { signal }),
    enabled: bucket !== undefined,
    placeholderData: keepPreviousData,
  });
  const choose = (chosen: string) => {
    setTyped(chosen);
    if (bucket !== undefined && chosen !== '') {
      onChange({ kind: 'object', bucket, key: chosen });
    }
  };
  return (
    <SpaceBetween size="s">
      <FormField label="Bucket" errorText={buckets.isError ? errorText(buckets.error) : undefined}>
        <Select
          placeholder="Choose a bucket"
          selectedOption={bucket === undefined ? null : { value: bucket, label: bucket }}
          options={(buckets.data ?? []).map(({ name }) => ({ value: name, label: name }))}
          filteringType="auto"
          statusType={buckets.isPending ? 'loading' : 'finished'}
          empty="No buckets"
          onChange={({ detail }) => {
            setBucket(detail.selectedOption.value);
            setTyped('');
          }}
        />
      </FormField>
      <FormField label="Key" errorText={keys.isError ? errorText(keys.error) : undefined}>
        <Autosuggest
          value={typed}
          disabled={bucket === undefined}
          placeholder="The picture’s key"
          options={(keys.data?.objects ?? []).map((found) => ({ value: found.key }))}
          filteringType="manual"
          enteredTextLabel={(text) => `Use “${text}”`}
          statusType={keys.isFetching ? 'loading' : 'finished'}
          loadingText="Loading keys"
          empty="No objects"
          onChange={({ detail }) => setTyped(detail.value)}
          onSelect={({ detail }) => choose(detail.value)}
        />
      </FormField>
    </SpaceBetween>
  );
}
