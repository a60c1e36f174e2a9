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
    minWidth: 190,
    isRowHeader: true,
    cell: (execution) => <PlaceLink to={at('executions', execution.executionArn)}>{execution.name}</PlaceLink>,
  },
  { id: 'status', header: 'Status', minWidth: 130, cell: (execution) => <Status status={execution.status} /> },
];

/** Only a search tells it. */
const ERROR: Column = { id: 'error', header: 'Error', minWidth: 150, cell: ({ error }) => error ?? '-' };

const REST: readonly Column[] = [
  { id: 'started', header: 'Started', minWidth: 140, cell: (execution) => <Time precise at={execution.startDate} /> },
  { id: 'ended', header: 'End time', minWidth: 140, cell: (execution) => <Time precise at={execution.stopDate} /> },
  {
    id: 'duration',
    header: 'Duration',
    cell: ({ startDate, stopDate }) => (stopDate === undefined ? '-' : durationText(stopDate - startDate)),
  },
];

const STARTED_AS: Column = { id: 'started-as', header: 'Version or alias', minWidth: 110, cell: (execution) => startedAs(execution) ?? '-' };
const REDRIVES: Column = { id: 'redrives', header: 'Redrives', minWidth: 110, cell: ({ redriveCount }) => redriveCount ?? 0 };

/** What there is to tell of the executions; `bySearch`: errors are looked through. A column that would say nothing takes no room. */
export function executionColumns(executions: readonly Found[], bySearch: boolean): readonly Column[] {
  return [
    ...NAME_AND_STATUS,
    ...(bySearch ? [ERROR] : []),
    ...REST,
    ...(executions.some((execution) => startedAs(execution) !== undefined) ? [STARTED_AS] : []),
    ...(executions.some(({ redriveCount = 0 }) => redriveCount > 0) ? [REDRIVES] : []),
  ];
}

function startedAs(execution: ExecutionListItem): string | undefined {
  const arn = execution.stateMachineAliasArn ?? execution.stateMachineVersionArn;
  return arn?.split(':').at(-1);
}
