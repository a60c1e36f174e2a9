import Icon from '@cloudscape-design/components/icon';
import type { TableProps } from '@cloudscape-design/components/table';
import { PlaceLink } from '../app/link';
import { sizeText } from '../ui/size';
import { Time } from '../ui/time';
import { baseName } from './names';
import { folderPlace, objectPlace } from './place';
import type { Row } from './useObjects';

/** In S3's order: it sorts by key, and knows no other way. */
export function OBJECT_COLUMNS(bucket: string): readonly TableProps.ColumnDefinition<Row>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      minWidth: 180,
      isRowHeader: true,
      cell: ({ folder, object }) => (
        <span className="s3-name">
          <Icon name={folder === undefined ? 'file' : 'folder'} />
          {folder === undefined ? (
            <PlaceLink to={objectPlace(bucket, object.key)}>{baseName(object.key)}</PlaceLink>
          ) : (
            <PlaceLink to={folderPlace(bucket, folder)}>{baseName(folder)}</PlaceLink>
          )}
        </span>
      ),
    },
    { id: 'type', header: 'Type', cell: ({ folder, object }) => (folder === undefined ? extensionOf(object.key) : 'Folder') },
    { id: 'size', header: 'Size', cell: ({ object }) => (object === undefined ? '-' : sizeText(object.bytes)) },
    { id: 'modified', header: 'Last modified', minWidth: 160, cell: ({ object }) => <Time at={object?.modified} /> },
    { id: 'class', header: 'Storage class', cell: ({ object }) => object?.storageClass ?? '-' },
  ];
}

function extensionOf(key: string): string {
  return /[^/]\.([^./]{1,12})$/.exec(key)?.[1] ?? '-';
}
