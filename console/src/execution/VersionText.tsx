import { at, PlaceLink } from '../app/link';
import type { DescribeExecutionOutput, DescribeStateMachineForExecutionOutput } from '../aws/states';
import { Time } from '../ui/time';

interface Props {
  readonly execution: DescribeExecutionOutput;
  readonly machine: DescribeStateMachineForExecutionOutput | undefined;
}

/** Which version of its state machine an execution ran: a published one, or the state machine as it was at a time. */
export function VersionText({ execution, machine }: Props) {
  const arn = execution.stateMachineAliasArn ?? execution.stateMachineVersionArn;
  if (arn !== undefined) return <PlaceLink to={at('state-machines', arn)}>{arn.split(':').at(-1) ?? arn}</PlaceLink>;
  return machine === undefined ? <>-</> : <>Revision of <Time at={machine.updateDate} /></>;
}
