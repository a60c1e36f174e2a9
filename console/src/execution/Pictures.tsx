import { useQuery } from '@tanstack/react-query';
import { scope, useAws } from '../app/aws';
import { PlaceLink } from '../app/link';
import { errorText } from '../app/notifications';
import { objectUrl } from '../aws/s3';
import { counted } from '../ui/counted';
import { percentText } from '../ui/percent';
import { objectPlace } from './links';
import type { Picture } from './pictures';

/** The pictures that a state's data names, with the faces found on them. */
export function Pictures({ pictures }: { readonly pictures: readonly Picture[] }) {
  if (pictures.length === 0) return null;
  return (
    <div className="ex-pictures">
      {pictures.map((picture) => <Shown key={`${picture.bucket}/${picture.key}`} bucket={picture.bucket} objectKey={picture.key} boxes={picture.boxes} />)}
    </div>
  );
}

const percent = (part: number) => `${part * 100}%`;

function Shown({ bucket, objectKey, boxes }: { readonly bucket: string; readonly objectKey: string; readonly boxes: Picture['boxes'] }) {
  const client = useAws();
  const uri = `s3://${bucket}/${objectKey}`;
  const url = useQuery({
    queryKey: [...scope(client), 'picture', bucket, objectKey],
    queryFn: () => objectUrl(client, bucket, objectKey),
    staleTime: Infinity,
  });
  return (
    <figure className="ex-picture">
      {url.isError ? <span className="ex-quiet">{errorText(url.error)}</span> : null}
      {url.data === undefined ? null : (
        <div className="ex-frame">
          <img src={url.data} alt={objectKey} />
          {boxes.map(({ left, top, width, height, confidence }) => (
            <span
              key={`${left}-${top}`} title={confidence === undefined ? 'A face' : `A face, ${percentText(confidence)} sure`}
              style={{ left: percent(left), top: percent(top), width: percent(width), height: percent(height) }}
            />
          ))}
        </div>
      )}
      <figcaption>
        <PlaceLink to={objectPlace(bucket, objectKey)} fontSize="body-s">{uri}</PlaceLink>
        {boxes.length > 0 ? ` (${counted(boxes.length, 'face')})` : ''}
      </figcaption>
    </figure>
  );
}
