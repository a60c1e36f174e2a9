import Alert from '@cloudscape-design/components/alert';
import { at, PlaceLink } from '../app/link';
import { folderOf } from './names';
import { folderPlace } from './place';

interface Props {
  readonly bucket: string;
  /** None: it is the bucket itself. */
  readonly objectKey?: string;
}

/** In place of a bucket or object that the server does not have. */
export function Missing({ bucket, objectKey }: Props) {
  const name = <b className="s3-key">{objectKey ?? bucket}</b>;
  return objectKey === undefined ? (
    <Alert type="info" header="There is no such bucket">
      None is named {name}. See <PlaceLink to={at('s3')}>the buckets</PlaceLink>.
    </Alert>
  ) : (
    <Alert type="info" header="There is no such object">
      The bucket {bucket} has none with the key {name}. See{' '}
      <PlaceLink to={folderPlace(bucket, folderOf(objectKey))}>what is beside it</PlaceLink>.
    </Alert>
  );
}
