/** The state machine of an execution's, version's or alias's ARN, of a Map Run's or its children's. */
export function machineOf(arn: string): { arn: string; name: string } {
  const parts = arn.split(':');
  // arn:aws:states:REGION:ACCOUNT:execution:MACHINE[/LABEL]:NAME, arn:aws:states:REGION:ACCOUNT:stateMachine:MACHINE[:VERSION]
  const name = parts[6]?.split('/')[0] ?? '';
  return { arn: [...parts.slice(0, 5), 'stateMachine', name].join(':'), name };
}
