/** Why an execution cannot be compared; none if it can. */
export type Refusal = 'none' | 'not-an-execution' | 'express' | 'other-region';

/** What can be said of the ARN by itself: the server tells whether there is such an execution. */
export function refusalOf(arn: string, region: string): Refusal | undefined {
  if (arn === '') return 'none';
  const [prefix, , service, ofRegion, , kind, , ...name] = arn.split(':');
  if (prefix !== 'arn' || service !== 'states' || name.join('') === '') return 'not-an-execution';
  if (kind === 'express') return 'express';
  if (kind !== 'execution') return 'not-an-execution';
  return ofRegion === region ? undefined : 'other-region';
}

export const nameOfExecution = (arn: string): string => arn.split(':')[7] ?? arn;
