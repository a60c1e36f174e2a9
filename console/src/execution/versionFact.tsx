import { at, PlaceLink } from '../app/link';
import type { DescribeExecutionOutput, DescribeStateMachineForExecutionOutput } from '../aws/states';
import { Time } from '../ui/time';

/** What of its state machine an execution ran: a published version, or the state machine as it was at a time. */
export function versionFact(execution: DescribeExecutionOutput, machine: DescribeStateMachineForExecutionOutput | undefined) {
  const arn = execution.stateMachineAliasArn ?? execution.stateMachineVersionArn;
  if (arn !== undefined) return { label: 'Version', value: <PlaceLink to={at('state-machines', arn)}>{arn.split(':').at(-1) ?? arn}</PlaceLink> };
  return { label: 'Revision of', value: <Time at={machine?.updateDate} /> };
}
