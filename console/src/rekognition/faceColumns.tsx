import type { TableProps } from '@cloudscape-design/components/table';
import { at, PlaceLink } from '../app/link';
import type { Face, FaceMatch } from '../aws/rekognition';
import { percentText } from '../ui/percent';

type Columns<Item> = readonly TableProps.ColumnDefinition<Item>[];

export function FACE_COLUMNS(collection: string): Columns<Face> {
  return columns(collection, (face) => face);
}

export function MATCH_COLUMNS(collection: string): Columns<FaceMatch> {
  return [
    { id: 'similarity', header: 'Similarity', minWidth: 110, cell: ({ Similarity }) => <strong>{percentText(Similarity)}</strong> },
    ...columns(collection, (match: FaceMatch) => match.Face),
  ];
}

function columns<Item>(collection: string, faceOf: (item: Item) => Face): Columns<Item> {
  const link = ({ FaceId: id }: Face) => <PlaceLink to={at('rekognition', collection, 'faces', id)}>{id}</PlaceLink>;
  return [
    { id: 'face', header: 'Face ID', minWidth: 180, isRowHeader: true, cell: (item) => link(faceOf(item)) },
    { id: 'external', header: 'External image ID', minWidth: 120, cell: (item) => faceOf(item).ExternalImageId ?? '-' },
    { id: 'confidence', header: 'Confidence', minWidth: 110, cell: (item) => percentText(faceOf(item).Confidence) },
    { id: 'image', header: 'Image ID', minWidth: 180, cell: (item) => faceOf(item).ImageId },
  ];
}
