import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { Index, Table as DynamoTable } from '../aws/dynamodb';
import { Arn } from '../ui/Arn';
import { CopyCli } from '../ui/CopyCli';
import { Empty } from '../ui/Empty';
import { sizeText } from '../ui/size';
import { Status } from '../ui/Status';
import { Time } from '../ui/time';
import { keysOf, keyTypeOf } from './find';
import { KEY_TYPES } from './KeyFields';

export function TableDetails({ table }: { readonly table: DynamoTable }) {
  const typed = (name: string | undefined) =>
    name === undefined ? '-' : `${name} (${KEY_TYPES.find(({ value }) => value === keyTypeOf(table, name))?.label ?? ''})`;
  const keys = keysOf(table.KeySchema);
  const { ReadCapacityUnits: read = 0, WriteCapacityUnits: write = 0 } = table.ProvisionedThroughput ?? {};
  const isOnDemand = table.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  const indexes = [
    ...(table.GlobalSecondaryIndexes ?? []).map((index) => ({ ...index, kind: 'Global' })),
    ...(table.LocalSecondaryIndexes ?? []).map((index) => ({ ...index, kind: 'Local' })),
  ];
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={<CopyCli service="dynamodb" operation="DescribeTable" input={{ TableName: table.TableName }} />}>
            Details
          </Header>
        }
      >
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'ARN', value: <Arn arn={table.TableArn} /> },
            { label: 'Status', value: <Status status={table.TableStatus} /> },
            { label: 'Creation date', value: <Time at={table.CreationDateTime} /> },
            { label: 'Partition key', value: typed(keys.hash) },
            { label: 'Sort key', value: typed(keys.range) },
            { label: 'Capacity', value: isOnDemand ? 'On demand' : `${read} reads, ${write} writes a second` },
            { label: 'Items', value: table.ItemCount ?? '-' },
            { label: 'Size', value: sizeText(table.TableSizeBytes ?? 0) },
            { label: 'Stream', value: table.StreamSpecification?.StreamEnabled === true ? (table.StreamSpecification.StreamViewType ?? 'On') : 'Off' },
            { label: 'Deletion protection', value: table.DeletionProtectionEnabled === true ? 'On' : 'Off' },
          ]}
        />
      </Container>
      <Table
        wrapLines
        items={indexes}
        ariaLabels={{ tableLabel: 'Indexes' }}
        header={
          <Header variant="h2" counter={`(${indexes.length})`}>
            Indexes
          </Header>
        }
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: ({ IndexName }) => IndexName },
          { id: 'kind', header: 'Kind', cell: ({ kind }) => kind },
          { id: 'partition', header: 'Partition key', cell: ({ KeySchema }) => typed(keysOf(KeySchema).hash) },
          { id: 'sort', header: 'Sort key', cell: ({ KeySchema }) => typed(keysOf(KeySchema).range) },
          { id: 'projection', header: 'Projection', cell: ({ Projection }) => projectionText(Projection) },
        ]}
        empty={<Empty title="No indexes" text="Queries go by the table’s own key." />}
      />
    </SpaceBetween>
  );
}

function projectionText({ ProjectionType, NonKeyAttributes }: Index['Projection']): string {
  switch (ProjectionType) {
    case 'KEYS_ONLY':
      return 'Keys only';
    case 'INCLUDE':
      return `Keys, ${(NonKeyAttributes ?? []).join(', ')}`;
    default:
      return 'All attributes';
  }
}
