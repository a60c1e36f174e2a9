import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Arrival } from '../ui/Arrival';
import { CopyCommand } from '../ui/CopyCli';
import { Problem } from '../ui/Problem';
import { percentText } from '../ui/percent';
import { FacesOnPicture } from './FacesOnPicture';
import { Matches } from './Matches';
import { imageOf, imageWords, pictureKey } from './picture';
import { PicturePicker } from './PicturePicker';
import { Threshold, thresholdOf } from './Threshold';
import { usePicture } from './usePicture';
import { useRekognition } from './useRekognition';

const route = getRouteApi('/rekognition/$collection');
const MATCHES_MAX = 100;

/** Looks for the largest face of a picture in a collection. */
export function SearchTab({ collection }: { readonly collection: string }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { api, key } = useRekognition();
  const threshold = thresholdOf(search.threshold);
  const [picture, choose] = usePicture(search, ({ bucket = '', key: objectKey = '' }) =>
    void navigate({ search: (old) => ({ ...old, tab: 'search', bucket, key: objectKey }), replace: true }),
  );
  const query = useQuery({
    queryKey: [...key, 'faces', collection, 'by-picture', threshold, pictureKey(picture)],
    queryFn: ({ signal }) =>
      picture === undefined
        ? undefined
        : api.searchFacesByImage(
            { CollectionId: collection, Image: imageOf(picture), FaceMatchThreshold: threshold, MaxFaces: MATCHES_MAX },
            { signal },
          ),
    enabled: picture !== undefined,
    // Another threshold asks the same of the picture; what was found by another picture is nothing to this one.
    placeholderData: (found, before) => (before?.queryKey.at(-1) === pictureKey(picture) ? found : undefined),
  });
  const found = query.isError ? undefined : query.data;
  const words = ['rekognition', 'search-faces-by-image', '--collection-id', collection];
  const options = ['--face-match-threshold', String(threshold), '--max-faces', String(MATCHES_MAX)];
  return (
    <SpaceBetween size="l">
      <div className="looking">
        <Container
          header={
            <Header
              variant="h2"
              actions={picture === undefined ? null : <CopyCommand words={[...words, ...imageWords(picture), ...options]} />}
            >
              Picture
            </Header>
          }
        >
          <SpaceBetween size="m">
            <PicturePicker picture={picture} onChange={choose} />
            <Threshold
              value={threshold}
              onChange={(value) => void navigate({ search: (old) => ({ ...old, threshold: String(value) }), replace: true })}
            />
          </SpaceBetween>
        </Container>
        {picture === undefined ? null : (
          <SpaceBetween size="xs">
            <FacesOnPicture picture={picture} faces={found === undefined ? [] : [{ box: found.SearchedFaceBoundingBox }]} />
            {found === undefined ? null : (
              <Box color="text-body-secondary">
                Searched by the largest face. Confidence that it is a face: {percentText(found.SearchedFaceConfidence)}.
              </Box>
            )}
          </SpaceBetween>
        )}
      </div>
      {query.isError ? <Problem what="The picture could not be searched by" error={query.error} onRetry={() => void query.refetch()} /> : null}
      {picture === undefined || query.isError ? null : (
        <Arrival label="Matches" shown={found === undefined ? undefined : pictureKey(picture)}>
          <Matches title="Matches" collection={collection} matches={found?.FaceMatches} threshold={threshold} />
        </Arrival>
      )}
    </SpaceBetween>
  );
}
