import type { TableProps } from '@cloudscape-design/components/table';
import { at, PlaceLink } from '../app/link';
import type { ExecutionListItem, SearchExecutionsOutput } from '../aws/states';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';

export type Found = SearchExecutionsOutput['executions'][number];
type Column = TableProps.ColumnDefinition<Found>;

const NAME_AND_STATUS: readonly Column[] = [
  {
    id: 'name',
    header: 'Name',
    minWidth: 150,
    isRowHeader: true,
    cell: (execution) => <PlaceLink to={at('executions', execution.executionArn)}>{execution.name}</PlaceLink>,
  },
  { id: 'status', header: 'Status', minWidth: 130, cell: (execution) => <Status status={execution.status} /> },
];

/** Only a search tells it. */
const ERROR: Column = { id: 'error', header: 'Error', minWidth: 150, cell: ({ error }) => error ?? '-' };

const REST: readonly Column[] = [
  { id: 'started', header: 'Started', minWidth: 140, cell: (execution) => <Time at={execution.startDate} /> },
  { id: 'ended', header: 'End time', minWidth: 140, cell: (execution) => <Time at={execution.stopDate} /> },
  {
    id: 'duration',
    header: 'Duration',
    cell: ({ startDate, stopDate }) => (stopDate === undefined ? '-' : durationText(stopDate - startDate)),
  },
  { id: 'started-as', header: 'Version or alias', cell: startedAs },
];

const REDRIVES: Column = { id: 'redrives', header: 'Redrives', cell: ({ redriveCount }) => redriveCount ?? 0 };

export const EXECUTION_COLUMNS: readonly Column[] = [...NAME_AND_STATUS, ...REST, REDRIVES];
/** Of those whose errors are looked through. */
export const ERROR_COLUMNS: readonly Column[] = [...NAME_AND_STATUS, ERROR, ...REST];

function startedAs(execution: ExecutionListItem): string {
  const arn = execution.stateMachineAliasArn ?? execution.stateMachineVersionArn;
  return arn?.split(':').at(-1) ?? '-';
}
