import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { ObjectHead, Place } from '../aws/s3';
import { CopyCli } from '../ui/CopyCli';
import { CopyButton } from '../ui/CopyButton';
import { Empty } from '../ui/Empty';
import { Time } from '../ui/time';
import { sizeText, uriOf } from './names';

interface Props {
  readonly place: Place;
  readonly head: ObjectHead;
}

export function ObjectSummary({ place: { bucket, key }, head }: Props) {
  const copied = (text: string, name: string) => (
    <span className="s3-key">
      <CopyButton text={text} name={name} /> {text}
    </span>
  );
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
            { label: 'S3 URI', value: copied(uriOf(bucket, key), 'S3 URI') },
            { label: 'Key', value: copied(key, 'path') },
            { label: 'ARN', value: copied(`arn:aws:s3:::${bucket}/${key}`, 'ARN') },
            { label: 'Size', value: `${sizeText(head.bytes)} (${head.bytes} bytes)` },
            { label: 'Content type', value: head.contentType === '' ? '-' : head.contentType },
            { label: 'Last modified', value: <Time at={head.modified} /> },
            { label: 'ETag', value: copied(head.etag, 'ETag') },
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
          { id: 'name', header: 'Name', isRowHeader: true, cell: ([name]) => `x-amz-meta-${name}` },
          { id: 'value', header: 'Value', cell: ([, value]) => value },
        ]}
        empty={<Empty title="No metadata" text="The uploader gave the object none." />}
      />
    </SpaceBetween>
  );
}
