import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at, useGo } from '../app/link';
import { Page } from '../app/Page';
import { CopyCli } from '../ui/CopyCli';
import { Copied } from '../ui/Copied';
import { Empty } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { percentText } from '../ui/percent';
import { DeleteFaces } from './DeleteFaces';
import { Matches } from './Matches';
import { Threshold, thresholdOf } from './Threshold';
import { useRekognition } from './useRekognition';

const route = getRouteApi('/rekognition/$collection/faces/$face');
const MATCHES_MAX = 100;

/** A face of a collection, and those that are like it. */
export function FacePage() {
  const { collection, face: id } = route.useParams();
  const threshold = thresholdOf(route.useSearch().threshold);
  const navigate = route.useNavigate();
  const go = useGo();
  const { api, key } = useRekognition();
  const [deleting, setDeleting] = useState(false);
  const query = useQuery({
    queryKey: [...key, 'faces', collection, 'one', id],
    queryFn: ({ signal }) => api.listFaces({ CollectionId: collection, FaceIds: [id] }, { signal }),
  });
  const search = { CollectionId: collection, FaceId: id, FaceMatchThreshold: threshold, MaxFaces: MATCHES_MAX };
  const face = query.data?.Faces[0];
  const similar = useQuery({
    queryKey: [...key, 'faces', collection, 'similar', threshold, id],
    queryFn: ({ signal }) => api.searchFaces(search, { signal }),
    enabled: face !== undefined,
    placeholderData: (found, before) => (before?.queryKey.at(-1) === id ? found : undefined),
  });
  const crumbs = [
    { text: 'Collections', to: at('rekognition') },
    { text: collection, to: at('rekognition', collection) },
  ];
  return (
    <Page title={id} crumbs={crumbs}>
      {query.isPending ? <Spinner size="large" /> : null}
      {query.isError ? <Problem what="The face could not be read" error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isSuccess && face === undefined ? <Empty title="No such face" text={`${collection} has no face ${id}.`} /> : null}
      {face === undefined ? null : (
        <ContentLayout
          header={
            <Header variant="h1" actions={<Button onClick={() => setDeleting(true)}>Delete</Button>}>
              {face.ExternalImageId ?? 'Face'}
            </Header>
          }
        >
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">Details</Header>}>
              <KeyValuePairs
                columns={3}
                items={[
                  { label: 'Face ID', value: <Copied text={face.FaceId} name="face ID" /> },
                  { label: 'Image ID', value: <Copied text={face.ImageId} name="image ID" /> },
                  { label: 'External image ID', value: face.ExternalImageId ?? '-' },
                  { label: 'Confidence', value: percentText(face.Confidence) },
                  { label: 'Face model version', value: face.IndexFacesModelVersion ?? '-' },
                ]}
              />
            </Container>
            <Threshold
              value={threshold}
              onChange={(value) => void navigate({ search: (old) => ({ ...old, threshold: String(value) }), replace: true })}
            />
            {similar.isError ? <Problem what="Similar faces could not be searched" error={similar.error} /> : null}
            <Matches
              title="Similar faces"
              collection={collection}
              matches={similar.isError ? [] : similar.data?.FaceMatches}
              threshold={threshold}
              actions={<CopyCli service="rekognition" operation="SearchFaces" input={search} />}
            />
          </SpaceBetween>
        </ContentLayout>
      )}
      {deleting ? (
        <DeleteFaces
          collection={collection}
          ids={[id]}
          onClose={() => setDeleting(false)}
          onDeleted={() => go(at('rekognition', collection))}
        />
      ) : null}
    </Page>
  );
}
