import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { Page } from '../app/Page';
import { CopyCommand } from '../ui/CopyCli';
import { JsonView } from '../ui/JsonView';
import { Problem } from '../ui/Problem';
import { FaceAttributes } from './FaceAttributes';
import { FacesOnPicture } from './FacesOnPicture';
import { imageOf, imageWords, type Picture, pictureKey } from './picture';
import { PicturePicker } from './PicturePicker';
import { usePicture } from './usePicture';
import { useRekognition } from './useRekognition';

const route = getRouteApi('/detect-faces');

/** The faces on a picture, and what each is said to be. */
export function DetectPage() {
  const navigate = route.useNavigate();
  const [picture, choose] = usePicture(route.useSearch(), ({ bucket = '', key = '' }) =>
    void navigate({ search: (old) => ({ ...old, bucket, key }), replace: true }),
  );
  const cli =
    picture === undefined ? null : (
      <CopyCommand words={['rekognition', 'detect-faces', ...imageWords(picture), '--attributes', 'ALL']} />
    );
  return (
    <Page title="Detect faces">
      <ContentLayout header={<Header variant="h1">Detect faces</Header>}>
        <SpaceBetween size="l">
          <Container
            header={
              <Header variant="h2" actions={cli}>
                Picture
              </Header>
            }
          >
            <PicturePicker picture={picture} onChange={choose} />
          </Container>
          {picture === undefined ? null : <Detected key={pictureKey(picture)} picture={picture} />}
        </SpaceBetween>
      </ContentLayout>
    </Page>
  );
}

function Detected({ picture }: { readonly picture: Picture }) {
  const { api, key } = useRekognition();
  const [selected, select] = useState(0);
  const query = useQuery({
    queryKey: [...key, 'detect', pictureKey(picture)],
    queryFn: ({ signal }) => api.detectFaces({ Image: imageOf(picture), Attributes: ['ALL'] }, { signal }),
  });
  const faces = query.data?.FaceDetails ?? [];
  const marked = faces.map((face) => ({ box: face.BoundingBox, ...(face.Landmarks === undefined ? {} : { points: face.Landmarks }) }));
  return (
    <SpaceBetween size="l">
      {query.isError ? <Problem what="The picture could not be looked at" error={query.error} onRetry={() => void query.refetch()} /> : null}
      <div className="looking">
        <FacesOnPicture picture={picture} faces={marked} selected={selected} onSelect={select} />
        {query.isError ? null : <FaceAttributes faces={query.data?.FaceDetails} selected={selected} onSelect={select} />}
      </div>
      {query.data === undefined ? null : (
        <ExpandableSection headerText="Response">
          <JsonView name="response" text={JSON.stringify(query.data)} />
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}
