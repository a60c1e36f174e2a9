import { type ComponentType, lazy } from 'react';

/** What a page tells the graph of a definition; a state is named by its path. */
export interface GraphProps {
  readonly definition: unknown;
  readonly selected?: string | undefined;
  readonly onSelect?: ((path: string | undefined) => void) | undefined;
  readonly label?: string | undefined;
}

const found = import.meta.glob<{ Graph: ComponentType<GraphProps> }>('../graph/Graph.tsx');
const load = found['../graph/Graph.tsx'];

/** The graph, whose code comes only when it is looked at; none in a console that is built without it. */
export const Graph = load === undefined ? undefined : lazy(async () => ({ default: (await load()).Graph }));
