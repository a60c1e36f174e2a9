/** What the page of a state machine, of a version of it or of a Map Run's is called. */
export function titleOf(arn: string): string {
  const [, , , , , , name, version] = arn.split(':');
  return version === undefined ? (name ?? arn) : `Version ${version}`;
}

/** The state machine of an execution's, version's or alias's ARN, of a Map Run's or its children's. */
export function machineOf(arn: string): { arn: string; name: string } {
  const parts = arn.split(':');
  // arn:aws:states:REGION:ACCOUNT:execution:MACHINE[/LABEL]:NAME, arn:aws:states:REGION:ACCOUNT:stateMachine:MACHINE[:VERSION]
  const name = parts[6]?.split('/')[0] ?? '';
  return { arn: [...parts.slice(0, 5), 'stateMachine', name].join(':'), name };
}
