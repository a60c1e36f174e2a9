import type { TableProps } from '@cloudscape-design/components/table';
import { at } from '../app/link';
import type { StateMachineListItem } from '../aws/states';
import { nameColumn } from '../ui/nameColumn';
import { Time } from '../ui/time';
import { LastExecution, RunningCount } from './RecentCells';

export const LIST_COLUMNS: readonly TableProps.ColumnDefinition<StateMachineListItem>[] = [
  nameColumn('name', (machine) => at('state-machines', machine.stateMachineArn)),
  {
    id: 'type',
    header: 'Type',
    sortingField: 'type',
    cell: (machine) => (machine.type === 'EXPRESS' ? 'Express' : 'Standard'),
  },
  { id: 'running', header: 'Running', cell: (machine) => <RunningCount machine={machine} /> },
  { id: 'last', header: 'Last execution', cell: (machine) => <LastExecution machine={machine} /> },
  {
    id: 'created',
    header: 'Creation date',
    sortingField: 'creationDate',
    cell: (machine) => <Time at={machine.creationDate} />,
  },
];
