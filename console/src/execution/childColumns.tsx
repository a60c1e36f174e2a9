import type { TableProps } from '@cloudscape-design/components/table';
import { at, PlaceLink } from '../app/link';
import type { ExecutionListItem } from '../aws/states';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';

export const CHILD_COLUMNS: readonly TableProps.ColumnDefinition<ExecutionListItem>[] = [
  {
    id: 'name',
    header: 'Name',
    isRowHeader: true,
    cell: (execution) => <PlaceLink to={at('executions', execution.executionArn)}>{execution.name}</PlaceLink>,
  },
  { id: 'status', header: 'Status', cell: (execution) => <Status status={execution.status} /> },
  { id: 'items', header: 'Items', cell: ({ itemCount }) => itemCount ?? 1 },
  { id: 'started', header: 'Started', cell: (execution) => <Time precise at={execution.startDate} /> },
  {
    id: 'duration',
    header: 'Duration',
    cell: ({ startDate, stopDate }) => (stopDate === undefined ? '-' : durationText(stopDate - startDate)),
  },
];
