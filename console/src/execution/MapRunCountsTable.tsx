import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import type { DescribeMapRunOutput, MapRunCounts } from '../aws/states';

const COLUMNS: readonly (readonly [keyof MapRunCounts, string])[] = [
  ['pending', 'Pending'],
  ['running', 'Running'],
  ['succeeded', 'Succeeded'],
  ['failed', 'Failed'],
  ['timedOut', 'Timed out'],
  ['aborted', 'Aborted'],
  ['total', 'Total'],
  ['resultsWritten', 'Results written'],
];

/** How many items and child executions are how. */
export function MapRunCountsTable({ run }: { readonly run: DescribeMapRunOutput }) {
  const items = [
    { name: 'Items', counts: run.itemCounts },
    { name: 'Child executions', counts: run.executionCounts },
  ];
  const columns = COLUMNS.map(([id, header]) => ({ id, header, cell: ({ counts }: (typeof items)[number]) => (counts[id] ?? 0).toLocaleString('en-US') }));
  return (
    <Container header={<Header variant="h2">Counts</Header>}>
      <Table
        variant="embedded" trackBy="name" items={items} ariaLabels={{ tableLabel: 'Counts' }}
        columnDefinitions={[{ id: 'name', header: 'Of', isRowHeader: true, cell: ({ name }) => name }, ...columns]}
      />
    </Container>
  );
}
