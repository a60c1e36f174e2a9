import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at, useGo } from '../app/link';
import { Page } from '../app/Page';
import type { DescribeCollectionOutput } from '../aws/rekognition';
import { CopyCli } from '../ui/CopyCli';
import { Facts } from '../ui/Facts';
import { Problem } from '../ui/Problem';
import { chosenOf } from '../ui/search';
import { Time } from '../ui/time';
import { DeleteCollections } from './DeleteCollections';
import { FacesTab } from './FacesTab';
import { SearchTab } from './SearchTab';
import { useRekognition } from './useRekognition';

const route = getRouteApi('/rekognition/$collection');

const TABS = [{ id: 'faces' }, { id: 'search' }] as const;

export function CollectionPage() {
  const { collection } = route.useParams();
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const go = useGo();
  const { api, key } = useRekognition();
  const [deleting, setDeleting] = useState(false);
  const query = useQuery({
    queryKey: [...key, 'collection', collection],
    queryFn: ({ signal }) => api.describeCollection({ CollectionId: collection }, { signal }),
  });
  const header = (
    <Header variant="h1" actions={<Button onClick={() => setDeleting(true)}>Delete</Button>}>
      {collection}
    </Header>
  );
  return (
    <Page title={collection} crumbs={[{ text: 'Collections', to: at('rekognition') }]}>
      {query.isPending ? <Spinner size="large" /> : null}
      {query.isError ? (
        <Problem what="The collection could not be read" error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      {query.data === undefined ? null : (
        <ContentLayout header={header}>
          <SpaceBetween size="l">
            <Summary id={collection} collection={query.data} />
            <Tabs
              activeTabId={chosenOf(TABS, tab)}
              tabs={[
                { id: 'faces', label: 'Faces', content: <FacesTab collection={collection} /> },
                { id: 'search', label: 'Search by a picture', content: <SearchTab collection={collection} /> },
              ]}
              onChange={({ detail }) => void navigate({ search: (old) => ({ ...old, tab: detail.activeTabId }), replace: true })}
            />
          </SpaceBetween>
        </ContentLayout>
      )}
      {deleting ? (
        <DeleteCollections ids={[collection]} onClose={() => setDeleting(false)} onDeleted={() => go(at('rekognition'))} />
      ) : null}
    </Page>
  );
}

function Summary({ id, collection }: { readonly id: string; readonly collection: DescribeCollectionOutput }) {
  const cli = <CopyCli service="rekognition" operation="DescribeCollection" input={{ CollectionId: id }} />;
  return (
    <Container
      header={
        <Header variant="h2" actions={cli}>
          Details
        </Header>
      }
    >
      <Facts
        columns={3}
        arn={{ label: 'ARN', value: collection.CollectionARN }}
        items={[
          { label: 'Faces', value: collection.FaceCount },
          { label: 'Face model version', value: collection.FaceModelVersion },
          { label: 'Creation date', value: <Time at={collection.CreationTimestamp} /> },
        ]}
      />
    </Container>
  );
}
