import { getRouteApi } from '@tanstack/react-router';
import { type DragEvent, useRef, useState } from 'react';
import { notify } from '../app/notifications';
import { Page } from '../app/Page';
import { droppedFiles } from './drop';
import { baseName } from './names';
import { ObjectsTable } from './ObjectsTable';
import { crumbsTo } from './place';
import './s3.css';
import { startUploads } from './uploads';
import { useObjectsChanged } from './useObjects';
import { useS3 } from './useS3';

const route = getRouteApi('/s3/$bucket');

/** A bucket, or a folder in it. Files dropped anywhere on the page are uploaded into it. */
export function ObjectsPage() {
  const { bucket } = route.useParams();
  const { prefix = '' } = route.useSearch();
  const { client } = useS3();
  const changed = useObjectsChanged(bucket);
  const [over, setOver] = useState(false);
  // Entering a child leaves its parent: count the two.
  const depth = useRef(0);
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    try {
      startUploads(client, bucket, prefix, await droppedFiles(event.dataTransfer), () => void changed());
    } catch (error) {
      notify.error('The files could not be read', error);
    }
  };
  const move = (event: DragEvent, by: number) => {
    if (event.dataTransfer.types.includes('Files')) {
      event.preventDefault();
      depth.current += by;
      setOver(depth.current > 0);
    }
  };
  return (
    <Page title={prefix === '' ? bucket : baseName(prefix)} crumbs={crumbsTo(bucket, prefix)} contentType="table">
      <div
        className={over ? 's3-drop s3-drop-over' : 's3-drop'}
        onDragEnter={(event) => move(event, 1)}
        onDragLeave={(event) => move(event, -1)}
        onDragOver={(event) => move(event, 0)}
        onDrop={drop}
      >
        {/* Another folder is another list: its page and selection are its own. */}
        <ObjectsTable key={`${bucket}/${prefix}`} bucket={bucket} prefix={prefix} />
      </div>
    </Page>
  );
}
