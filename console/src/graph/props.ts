import type { GraphEdge } from './model';
import type { Orientation } from './layout';
import type { StatePath } from './path';
import type { StateStatus } from './status';
import type { Ways } from './ways';

/** How many findings a state has, with their texts. */
export interface StateDiagnostics {
  errors: number;
  warnings: number;
  messages: string[];
}

/** Where a state can be put: into an edge, or behind a state that leads nowhere. */
export type DropTarget = { kind: 'edge'; edge: GraphEdge } | { kind: 'after'; path: StatePath };

export interface Drop {
  /** Whether the targets are shown: something is being dragged. */
  active: boolean;
  /** It was dropped on a target. */
  onDrop: (target: DropTarget) => void;
  /** A state was dragged to a target. Without it states stay where they are. */
  onMove?: (path: StatePath, target: DropTarget) => void;
}

export interface GraphProps {
  /** The definition as text or as JSON, whole or half written; a text that is no JSON leaves the last picture. */
  definition: unknown;
  selected?: StatePath | undefined;
  onSelect?: ((path: StatePath | undefined) => void) | undefined;
  /** A double click or a second Enter on a state. */
  onOpen?: ((path: StatePath) => void) | undefined;
  statuses?: ReadonlyMap<StatePath, StateStatus> | undefined;
  /** The ways that were taken; the others of the same workflow are drawn faint. */
  ways?: Ways | undefined;
  diagnostics?: ReadonlyMap<StatePath, StateDiagnostics> | undefined;
  orientation?: Orientation | undefined;
  /** Given, there is a button to turn the picture. */
  onOrientation?: ((orientation: Orientation) => void) | undefined;
  drop?: Drop | undefined;
  /** Only to be looked at: no buttons, nothing to move or reach by keyboard. */
  still?: boolean | undefined;
  /** What the picture shows, for screen readers and as the name of exported files. */
  label?: string | undefined;
}
