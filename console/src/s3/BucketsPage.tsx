import Button from '@cloudscape-design/components/button';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { at } from '../app/link';
import { CopyCli } from '../ui/CopyCli';
import { ListingPage } from '../ui/ListingPage';
import { nameColumn } from '../ui/nameColumn';
import { Time } from '../ui/time';
import { CreateBucket } from './CreateBucket';
import { RemoveBucket } from './RemoveBucket';
import { useS3 } from './useS3';

export function BucketsPage() {
  const { api, key } = useS3();
  const query = useQuery({ queryKey: [...key, 'buckets'], queryFn: ({ signal }) => api.listBuckets({ signal }) });
  const [dialog, setDialog] = useState<'create' | 'objects' | 'bucket'>();
  const [chosen, setChosen] = useState('');
  const close = () => setDialog(undefined);
  const open = (what: 'objects' | 'bucket', bucket: string) => {
    setChosen(bucket);
    setDialog(what);
  };
  const listing = {
    ...query,
    items: query.data ?? [],
    unknown: query.isError && query.data === undefined,
    complete: query.data !== undefined,
  };
  return (
    <ListingPage
      title="Buckets"
      one="bucket"
      listing={listing}
      nameOf={({ name }) => name}
      sortBy={{ field: 'name', isDescending: false }}
      emptyText="A bucket holds objects: pictures, documents, results."
      create={
        <Button variant="primary" onClick={() => setDialog('create')}>
          Create bucket
        </Button>
      }
      columns={[
        nameColumn('name', ({ name }) => at('s3', name)),
        { id: 'created', header: 'Creation date', sortingField: 'created', cell: ({ created }) => <Time at={created} /> },
      ]}
      actions={(selected) => {
        const one = selected.length === 1 ? selected[0] : undefined;
        return [
          <CopyCli key="cli" service="s3api" operation="ListBuckets" input={{}} />,
          <Button key="empty" disabled={one === undefined} onClick={() => one && open('objects', one.name)}>
            Empty
          </Button>,
          <Button key="delete" disabled={one === undefined} onClick={() => one && open('bucket', one.name)}>
            Delete
          </Button>,
        ];
      }}
    >
      {dialog === 'create' ? <CreateBucket onClose={close} /> : null}
      {dialog === 'objects' || dialog === 'bucket' ? <RemoveBucket bucket={chosen} what={dialog} onClose={close} /> : null}
    </ListingPage>
  );
}
