import ContentLayout from '@cloudscape-design/components/content-layout';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Page } from '../app/Page';
import { AwsError } from '../aws/errors';
import { Problem } from '../ui/Problem';
import { Missing } from './Missing';
import { baseName } from './names';
import { ObjectHeader } from './ObjectHeader';
import { ObjectSummary } from './ObjectSummary';
import { crumbsTo } from './place';
import { Preview } from './Preview';
import './s3.css';
import { useS3 } from './useS3';

const route = getRouteApi('/s3/$bucket/object');

export function ObjectPage() {
  const { bucket } = route.useParams();
  const { key: objectKey = '' } = route.useSearch();
  const { api, key } = useS3();
  const query = useQuery({
    queryKey: [...key, 'objects', bucket, 'head', objectKey],
    queryFn: ({ signal }) => api.headObject({ bucket, key: objectKey }, { signal }),
  });
  const isMissing = query.error instanceof AwsError && query.error.status === 404;
  const place = { bucket, key: objectKey };
  return (
    <Page title={baseName(objectKey)} crumbs={crumbsTo(bucket, objectKey)}>
      {query.isPending ? <Spinner size="large" /> : null}
      {isMissing ? <Missing bucket={bucket} objectKey={objectKey} /> : null}
      {query.isError && !isMissing ? (
        <Problem what="The object could not be read" error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      {query.data === undefined ? null : (
        <ContentLayout header={<ObjectHeader place={place} head={query.data} />}>
          <SpaceBetween size="l">
            <ObjectSummary place={place} head={query.data} />
            <Preview place={place} head={query.data} />
          </SpaceBetween>
        </ContentLayout>
      )}
    </Page>
  );
}
