import type { Way } from './EdgeShape';
import type { GraphEdge, GraphModel } from './model';
import type { Ways } from './ways';

/** What an execution made of an edge: nothing is said in a workflow that it was not seen to enter, as a distributed Map's. */
export function wayIn({ root, nodes }: GraphModel, ways: Ways | undefined): (edge: GraphEdge) => Way | undefined {
  if (ways === undefined) return () => undefined;
  const isTaken = ({ from, to, kind }: GraphEdge) => ways.has(`${from}>${to}>${kind === 'catch' ? 'caught' : 'on'}`);
  const workflows = [root, ...[...nodes.values()].flatMap((node) => node.workflows)];
  const entered = new Set(workflows.filter(({ edges }) => edges.some(isTaken)).flatMap(({ edges }) => edges));
  return (edge) => (isTaken(edge) ? 'taken' : entered.has(edge) ? 'not-taken' : undefined);
}
