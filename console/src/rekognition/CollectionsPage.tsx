import Button from '@cloudscape-design/components/button';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at, PlaceLink } from '../app/link';
import { Page } from '../app/Page';
import type { ListCollectionsOutput } from '../aws/rekognition';
import { ListTable } from '../ui/ListTable';
import { CopyCli } from '../ui/CopyCli';
import { usePages } from '../ui/usePages';
import { CreateCollection } from './CreateCollection';
import { DeleteCollections } from './DeleteCollections';
import { useRekognition } from './useRekognition';

const route = getRouteApi('/rekognition');

export function CollectionsPage() {
  const { api, key } = useRekognition();
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const listing = usePages({
    key: [...key, 'collections'],
    fetch: async (NextToken, signal) => {
      const page = await api.listCollections({ NextToken, MaxResults: 1000 }, { signal });
      return { ...page, nextToken: page.NextToken };
    },
    items: rowsOf,
  });
  const [dialog, setDialog] = useState<'create' | 'delete'>();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const close = () => setDialog(undefined);
  return (
    <Page title="Collections" contentType="table">
      <ListTable
        full
        title="Collections"
        one="collection"
        listing={listing}
        nameOf={({ id }) => id}
        q={q}
        onSearch={(text) => void navigate({ search: (old) => ({ ...old, q: text }), replace: true })}
        sortBy={{ field: 'id', isDescending: false }}
        emptyText="A collection holds faces, to find a person again in another picture."
        create={
          <Button variant="primary" onClick={() => setDialog('create')}>
            Create collection
          </Button>
        }
        columns={[
          {
            id: 'id',
            header: 'Collection ID',
            sortingField: 'id',
            minWidth: 180,
            isRowHeader: true,
            cell: ({ id }) => <PlaceLink to={at('rekognition', id)}>{id}</PlaceLink>,
          },
          { id: 'version', header: 'Face model version', sortingField: 'version', cell: ({ version }) => version },
        ]}
        actions={(selected) => [
          <CopyCli key="cli" service="rekognition" operation="ListCollections" input={{}} />,
          <Button
            key="delete"
            disabled={selected.length === 0}
            onClick={() => {
              setChosen(selected.map(({ id }) => id));
              setDialog('delete');
            }}
          >
            Delete
          </Button>,
        ]}
      />
      {dialog === 'create' ? <CreateCollection onClose={close} /> : null}
      {dialog === 'delete' ? <DeleteCollections ids={chosen} onClose={close} /> : null}
    </Page>
  );
}

function rowsOf({ CollectionIds: ids, FaceModelVersions: versions }: ListCollectionsOutput) {
  return ids.map((id, at) => ({ id, version: versions?.[at] ?? '-' }));
}
