import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { at } from '../app/link';
import type { ListCollectionsOutput } from '../aws/rekognition';
import { ListingPage } from '../ui/ListingPage';
import { nameColumn } from '../ui/nameColumn';
import { CopyCli } from '../ui/CopyCli';
import { usePages } from '../ui/usePages';
import { CreateCollection } from './CreateCollection';
import { DeleteCollections } from './DeleteCollections';
import { useRekognition } from './useRekognition';

export function CollectionsPage() {
  const { api, key } = useRekognition();
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
    <ListingPage
      title="Collections"
      one="collection"
      listing={listing}
      nameOf={({ id }) => id}
      sortBy={{ field: 'id', isDescending: false }}
      emptyText="A collection holds faces, to find a person again in another picture."
      create={
        <Button variant="primary" onClick={() => setDialog('create')}>
          Create collection
        </Button>
      }
      columns={[
        nameColumn('id', ({ id }) => at('rekognition', id), 'Collection ID'),
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
    >
      {dialog === 'create' ? <CreateCollection onClose={close} /> : null}
      {dialog === 'delete' ? <DeleteCollections ids={chosen} onClose={close} /> : null}
    </ListingPage>
  );
}

function rowsOf({ CollectionIds: ids, FaceModelVersions: versions }: ListCollectionsOutput) {
  return ids.map((id, at) => ({ id, version: versions?.[at] ?? '-' }));
}
