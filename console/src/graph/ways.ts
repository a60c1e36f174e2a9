import { workflowOf, type StatePath } from './path';

/** Ways from state to state, as `wayOf` writes them. */
export type Ways = ReadonlySet<string>;

/** A way that an execution took: from the beginning of a workflow if no state is named, to its end if none is. */
export function wayOf(from: StatePath | undefined, to: StatePath | undefined, how: 'caught' | 'on'): string {
  const workflow = workflowOf(from ?? to ?? '');
  return `${from ?? `${workflow}#start`}>${to ?? `${workflow}#end`}>${how}`;
}
