import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { Face } from '../aws/rekognition';
import { CopyCli } from '../ui/CopyCli';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { usePages } from '../ui/usePages';
import { DeleteFaces } from './DeleteFaces';
import { FACE_COLUMNS } from './faceColumns';
import { useRekognition } from './useRekognition';

const PAGE_ROWS = 25;

export function FacesTab({ collection }: { readonly collection: string }) {
  const { api, key } = useRekognition();
  const [page, setPage] = useState(1);
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
    more: (faces) => faces.length < page * PAGE_ROWS + 1,
  });
  const pages = Math.max(1, Math.ceil(list.items.length / PAGE_ROWS));
  const current = Math.min(page, pages);
  return (
    <SpaceBetween size="m">
      {list.isError ? <Problem what="The faces could not be listed" error={list.error} onRetry={() => void list.refetch()} /> : null}
      <Table
        wrapLines
        selectionType="multi"
        trackBy="FaceId"
        selectedItems={[...selected]}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        items={list.items.slice((current - 1) * PAGE_ROWS, current * PAGE_ROWS)}
        columnDefinitions={FACE_COLUMNS(collection)}
        loading={list.isPending}
        loadingText="Loading faces"
        ariaLabels={{
          selectionGroupLabel: 'Selection',
          allItemsSelectionLabel: () => 'Select all',
          itemSelectionLabel: (_, face) => `Select ${face.FaceId}`,
          tableLabel: 'Faces',
        }}
        header={
          <Header
            variant="h2"
            counter={list.isPending || list.unknown ? '' : `(${list.items.length}${list.complete ? '' : '+'})`}
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
        pagination={
          list.items.length > PAGE_ROWS ? (
            <Pagination
              currentPageIndex={current}
              pagesCount={pages}
              openEnd={!list.complete}
              onChange={({ detail }) => setPage(detail.currentPageIndex)}
            />
          ) : null
        }
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
