import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { at, PlaceLink } from '../app/link';
import type { ListExecutionsInput, StateMachineListItem } from '../aws/states';
import { Status } from '../ui/Status';
import { useStates } from './useStates';

/** One page is enough to say how many there are, or that there are more. */
const COUNTED_MAX = 100;

interface Props {
  readonly machine: StateMachineListItem;
}

/** How many executions run now. */
export function RunningCount({ machine }: Props) {
  const page = useExecutionsPage(machine, { statusFilter: 'RUNNING', maxResults: COUNTED_MAX });
  const count = page?.executions.length;
  return <>{count === undefined ? '-' : page?.nextToken === undefined ? count : `${COUNTED_MAX}+`}</>;
}

/** How the newest execution stands. */
export function LastExecution({ machine }: Props) {
  const last = useExecutionsPage(machine, { maxResults: 1 })?.executions[0];
  if (last === undefined) {
    return <>-</>;
  }
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Status status={last.status} />
      <PlaceLink to={at('executions', last.executionArn)} ariaLabel={`View the last execution, ${last.name}`}>
        View
      </PlaceLink>
    </SpaceBetween>
  );
}

/** Express executions are not listed by the API. */
function useExecutionsPage(machine: StateMachineListItem, input: ListExecutionsInput) {
  const { api, key } = useStates();
  const { stateMachineArn } = machine;
  return useQuery({
    queryKey: [...key, 'executions', stateMachineArn, 'glance', input],
    queryFn: ({ signal }) => api.listExecutions({ ...input, stateMachineArn }, { signal }),
    enabled: machine.type === 'STANDARD',
    refetchInterval: GLANCE_MS,
  }).data;
}

/** Twenty rows ask two small questions each; often enough for a list. */
const GLANCE_MS = 10_000;
