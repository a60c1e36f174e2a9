import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import { objectUrl } from '../aws/s3';
import { Problem } from '../ui/Problem';
import type { BoundingBox } from '../aws/rekognition';
import { type Picture, pictureKey } from './picture';
import './rekognition.css';
import { useRekognition } from './useRekognition';

export interface Marked {
  readonly box: BoundingBox;
  readonly points?: readonly { readonly X: number; readonly Y: number }[];
}

interface Props {
  readonly picture: Picture;
  readonly faces: readonly Marked[];
  readonly selected?: number;
  readonly onSelect?: (index: number) => void;
}

/** A picture with a box around each face, numbered from one. */
export function FacesOnPicture({ picture, faces, selected, onSelect }: Props) {
  const { client, key } = useRekognition();
  const query = useQuery({
    queryKey: [...key, 'picture', pictureKey(picture)],
    queryFn: () => (picture.kind === 'file' ? picture.url : objectUrl(client, picture.bucket, picture.key)),
    staleTime: Infinity,
  });
  if (query.isError) {
    return <Problem what="The picture could not be shown" error={query.error} />;
  }
  if (query.data === undefined) {
    return <Spinner />;
  }
  const name = picture.kind === 'file' ? picture.name : picture.key;
  return (
    <div className="faces">
      <img src={query.data} alt={name} />
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden={onSelect === undefined}>
        {faces.map(({ box, points = [] }, index) => (
          <g key={index} className={index === selected ? 'face face-selected' : 'face'} onClick={() => onSelect?.(index)}>
            <title>{`Face ${index + 1}`}</title>
            {/* A dark line below the light one shows on any picture. */}
            <rect className="face-shade" x={box.Left} y={box.Top} width={box.Width} height={box.Height} />
            <rect className="face-line" x={box.Left} y={box.Top} width={box.Width} height={box.Height} />
            {points.map((point, at) => (
              <path key={at} className="face-point" d={`M${point.X} ${point.Y}h0`} />
            ))}
          </g>
        ))}
      </svg>
    </div>
  );
}
