/** The one graph of the console; begin at `Graph.tsx` (the component) and `model.ts` (what is drawn). */
export { Graph } from './Graph';
export { modelOf, pathsOf, type GraphEdge, type GraphModel, type GraphNode } from './model';
export { nameOf, parentOf, partsOf, stateIn, workflowIn, workflowOf, type StatePath } from './path';
export type { Drop, DropTarget, GraphProps, StateDiagnostics } from './props';
export { progressText, STATUS_TITLES, type StateStatus, type StatusName } from './status';
export type { Orientation } from './layout';
