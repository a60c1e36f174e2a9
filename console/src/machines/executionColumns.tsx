import type { TableProps } from '@cloudscape-design/components/table';
import { at, PlaceLink } from '../app/link';
import type { ExecutionListItem } from '../aws/states';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';

export const EXECUTION_COLUMNS: readonly TableProps.ColumnDefinition<ExecutionListItem>[] = [
  {
    id: 'name',
    header: 'Name',
    isRowHeader: true,
    cell: (execution) => <PlaceLink to={at('executions', execution.executionArn)}>{execution.name}</PlaceLink>,
  },
  { id: 'status', header: 'Status', cell: (execution) => <Status status={execution.status} /> },
  { id: 'started', header: 'Started', cell: (execution) => <Time at={execution.startDate} /> },
  { id: 'ended', header: 'End time', cell: (execution) => <Time at={execution.stopDate} /> },
  {
    id: 'duration',
    header: 'Duration',
    cell: ({ startDate, stopDate }) => (stopDate === undefined ? '-' : durationText(stopDate - startDate)),
  },
  { id: 'started-as', header: 'Version or alias', cell: startedAs },
  { id: 'redrives', header: 'Redrives', cell: ({ redriveCount }) => redriveCount ?? 0 },
];

function startedAs(execution: ExecutionListItem): string {
  const arn = execution.stateMachineAliasArn ?? execution.stateMachineVersionArn;
  return arn?.split(':').at(-1) ?? '-';
}
