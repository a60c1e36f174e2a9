import Button from '@cloudscape-design/components/button';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at, PlaceLink } from '../app/link';
import { Page } from '../app/Page';
import { CopyCli } from '../ui/CopyCli';
import { Time } from '../ui/time';
import { CreateBucket } from './CreateBucket';
import { ListTable } from '../ui/ListTable';
import { RemoveBucket } from './RemoveBucket';
import { useS3 } from './useS3';

const route = getRouteApi('/s3');

export function BucketsPage() {
  const { api, key } = useS3();
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
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
    complete: query.isSuccess,
  };
  return (
    <Page title="Buckets" contentType="table">
      <ListTable
        full
        title="Buckets"
        one="bucket"
        listing={listing}
        nameOf={({ name }) => name}
        q={q}
        onSearch={(text) => void navigate({ search: (old) => ({ ...old, q: text }), replace: true })}
        sortBy={{ field: 'name', isDescending: false }}
        emptyText="A bucket holds objects: pictures, documents, results."
        create={
          <Button variant="primary" onClick={() => setDialog('create')}>
            Create bucket
          </Button>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            sortingField: 'name',
            minWidth: 180,
            isRowHeader: true,
            cell: ({ name }) => <PlaceLink to={at('s3', name)}>{name}</PlaceLink>,
          },
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
      />
      {dialog === 'create' ? <CreateBucket onClose={close} /> : null}
      {dialog === 'objects' || dialog === 'bucket' ? <RemoveBucket bucket={chosen} what={dialog} onClose={close} /> : null}
    </Page>
  );
}
