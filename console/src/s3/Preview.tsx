import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ObjectHead, objectUrl, type Place } from '../aws/s3';
import { decodeText } from '../ui/bytes';
import { CodeBox } from '../ui/CodeBox';
import { JsonView } from '../ui/JsonView';
import { Problem } from '../ui/Problem';
import { sizeText } from '../ui/size';
import { kindOf } from './preview';
import { useS3 } from './useS3';

interface Props {
  readonly place: Place;
  readonly head: ObjectHead;
}

/** As much of a text as one reads in a page. */
const SHOWN_BYTES_MAX = 256 * 1024;

export function Preview({ place, head }: Props) {
  const kind = kindOf(place.key, head.contentType);
  return (
    <Container header={<Header variant="h2">Preview</Header>}>
      {kind === 'picture' ? (
        <Picture place={place} etag={head.etag} />
      ) : head.bytes === 0 ? (
        <Box color="text-body-secondary">The object is empty.</Box>
      ) : (
        <Text place={place} head={head} isJson={kind === 'json'} />
      )}
    </Container>
  );
}

function Picture({ place: { bucket, key: objectKey }, etag }: { readonly place: Place; readonly etag: string }) {
  const { client, key } = useS3();
  // A picture that was written anew is tried anew.
  const [broken, setBroken] = useState<string>();
  const query = useQuery({
    queryKey: [...key, 'objects', bucket, 'link', objectKey, etag],
    queryFn: () => objectUrl(client, bucket, objectKey),
    staleTime: Infinity,
  });
  if (query.isError) {
    return <Problem what="The picture could not be shown" error={query.error} />;
  }
  if (broken !== undefined && broken === query.data) {
    return <Box color="text-body-secondary">The picture can’t be shown: the file is broken, or the browser does not know its kind. Download it.</Box>;
  }
  return query.data === undefined ? (
    <Spinner />
  ) : (
    <div className="s3-picture">
      <img src={query.data} alt={objectKey} onError={() => setBroken(query.data)} />
    </div>
  );
}

function Text({ place, head, isJson }: Props & { readonly isJson: boolean }) {
  const { api, key } = useS3();
  const query = useQuery({
    queryKey: [...key, 'objects', place.bucket, 'start', place.key, head.etag],
    queryFn: ({ signal }) => api.getStart(place, SHOWN_BYTES_MAX, { signal }),
  });
  if (query.isPending) {
    return <Spinner />;
  }
  if (query.isError) {
    return <Problem what="The object could not be read" error={query.error} onRetry={() => void query.refetch()} />;
  }
  const text = decodeText(query.data);
  if (text === undefined) {
    return <Box color="text-body-secondary">There is no preview of this kind of file: download it.</Box>;
  }
  const isWhole = head.bytes <= SHOWN_BYTES_MAX;
  return (
    <SpaceBetween size="s">
      {isWhole ? null : <Box color="text-body-secondary">The first {sizeText(SHOWN_BYTES_MAX)} of it:</Box>}
      {isJson && isWhole ? (
        <JsonView name="object" text={text} />
      ) : (
        <CodeBox name="object" text={text} />
      )}
    </SpaceBetween>
  );
}
