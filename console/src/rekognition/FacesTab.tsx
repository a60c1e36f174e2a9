import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { Face } from '../aws/rekognition';
import { CopyCli } from '../ui/CopyCli';
import { Empty, Unknown } from '../ui/Empty';
import { itemsAt, Paging, usePlace } from '../ui/Paging';
import { Problem } from '../ui/Problem';
import { counterText, tableLabels } from '../ui/tables';
import { usePages } from '../ui/usePages';
import { DeleteFaces } from './DeleteFaces';
import { FACE_COLUMNS } from './faceColumns';
import { useRekognition } from './useRekognition';

const PAGE_ROWS = 25;

export function FacesTab({ collection }: { readonly collection: string }) {
  const { api, key } = useRekognition();
  const place = usePlace(PAGE_ROWS);
  const [selected, setSelected] = useState<readonly Face[]>([]);
  const [deleting, setDeleting] = useState(false);
  const list = usePages({
    key: [...key, 'faces', collection],
    fetch: async (NextToken, signal) => {
      const answer = await api.listFaces({ CollectionId: collection, MaxResults: 500, NextToken }, { signal });
      return { ...answer, nextToken: answer.NextToken };
    },
    items: ({ Faces: faces }) => faces,
    // A collection may hold millions: one page further than is looked at.
    more: (faces) => faces.length <= place.wanted,
  });
  return (
    <SpaceBetween size="m">
      {list.isError ? <Problem what="The faces could not be listed" error={list.error} onRetry={() => void list.refetch()} /> : null}
      <Table
        wrapLines
        selectionType="multi"
        trackBy="FaceId"
        selectedItems={[...selected]}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        items={itemsAt(place, list.items)}
        columnDefinitions={FACE_COLUMNS(collection)}
        loading={list.isPending}
        loadingText="Loading faces"
        ariaLabels={tableLabels('Faces', (face: Face) => face.FaceId)}
        header={
          <Header
            variant="h2"
            counter={counterText(list)}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" onClick={() => void list.refetch()} />
                <CopyCli service="rekognition" operation="ListFaces" input={{ CollectionId: collection }} />
                <Button disabled={selected.length === 0} onClick={() => setDeleting(true)}>
                  Delete
                </Button>
              </SpaceBetween>
            }
          >
            Faces
          </Header>
        }
        empty={list.unknown ? <Unknown /> : <Empty title="No faces" text="IndexFaces puts faces into the collection." />}
        pagination={<Paging place={place} list={list} />}
      />
      {deleting ? (
        <DeleteFaces
          collection={collection}
          ids={selected.map(({ FaceId }) => FaceId)}
          onClose={() => setDeleting(false)}
          onDeleted={() => setSelected([])}
        />
      ) : null}
    </SpaceBetween>
  );
}
