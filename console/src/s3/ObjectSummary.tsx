import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { ObjectHead, Place } from '../aws/s3';
import { Arn } from '../ui/Arn';
import { Copied } from '../ui/Copied';
import { CopyCli } from '../ui/CopyCli';
import { Empty } from '../ui/Empty';
import { exactSizeText } from '../ui/size';
import { Time } from '../ui/time';
import { uriOf } from './names';

interface Props {
  readonly place: Place;
  readonly head: ObjectHead;
}

export function ObjectSummary({ place: { bucket, key }, head }: Props) {
  const cli = <CopyCli service="s3api" operation="HeadObject" input={{ Bucket: bucket, Key: key }} />;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={cli}>
            Details
          </Header>
        }
      >
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'S3 URI', value: <Copied text={uriOf(bucket, key)} name="S3 URI" /> },
            { label: 'Key', value: <Copied text={key} name="path" /> },
            { label: 'ARN', value: <Arn arn={`arn:aws:s3:::${bucket}/${key}`} /> },
            { label: 'Size', value: exactSizeText(head.bytes) },
            { label: 'Content type', value: head.contentType === '' ? '-' : head.contentType },
            { label: 'Last modified', value: <Time at={head.modified} /> },
            { label: 'ETag', value: <Box fontSize="body-s"><Copied text={head.etag} name="ETag" /></Box> },
            ...head.system.map(([label, value]) => ({ label, value })),
          ]}
        />
      </Container>
      <Table
        header={
          <Header variant="h2" counter={`(${head.metadata.length})`}>
            Metadata
          </Header>
        }
        items={head.metadata}
        wrapLines
        ariaLabels={{ tableLabel: 'Metadata' }}
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: ([name]) => <span className="s3-key">x-amz-meta-{name}</span> },
          { id: 'value', header: 'Value', cell: ([, value]) => <span className="s3-key">{value}</span> },
        ]}
        empty={<Empty title="No metadata" text="The uploader gave the object none." />}
      />
    </SpaceBetween>
  );
}
