import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { sizeText } from '../ui/size';
import { cancelUploads, clearUploads, isOpen, type Upload, useUploads } from './uploads';

/** What is on its way into a bucket, and what did not get there. */
export function UploadPanel({ bucket }: { readonly bucket: string }) {
  const uploads = useUploads().filter((upload) => upload.bucket === bucket);
  const open = uploads.filter(isOpen);
  if (uploads.length === 0) {
    return null;
  }
  const bytes = sum(uploads, (upload) => upload.bytes);
  const sent = sum(uploads, (upload) => upload.sent);
  const done = uploads.filter(({ state }) => state === 'done').length;
  const failed = uploads.filter(({ state }) => state === 'failed');
  const running = open.filter((upload) => upload.state === 'running' && upload.bytes > 0);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button onClick={() => (open.length > 0 ? cancelUploads : clearUploads)(bucket)}>{open.length > 0 ? 'Cancel' : 'Close'}</Button>
          }
        >
          {open.length > 0 ? 'Uploading' : 'Uploaded'}
        </Header>
      }
    >
      <SpaceBetween size="s">
        <ProgressBar
          value={bytes === 0 ? (100 * done) / uploads.length : (100 * sent) / bytes}
          label={`${done} of ${uploads.length} files`}
          additionalInfo={`${sizeText(sent)} of ${sizeText(bytes)}`}
          {...(open.length > 0 ? {} : ending(done, failed.length))}
        />
        {running.map(({ id, key, sent: there, bytes: all }) => (
          <Box key={id} fontSize="body-s" color="text-body-secondary">
            {key}: {sizeText(there)} of {sizeText(all)}
          </Box>
        ))}
        {failed.map(({ id, key, problem }) => (
          <div key={id}>
            <StatusIndicator type="error">
              {key}: {problem}
            </StatusIndicator>
          </div>
        ))}
      </SpaceBetween>
    </Container>
  );
}

function ending(done: number, failed: number) {
  return failed === 0
    ? ({ status: 'success', resultText: `${done} uploaded` } as const)
    : ({ status: 'error', resultText: `${failed} not uploaded` } as const);
}

function sum(uploads: readonly Upload[], of: (upload: Upload) => number): number {
  return uploads.reduce((all, upload) => all + of(upload), 0);
}
