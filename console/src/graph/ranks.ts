import type { GraphEdge, Workflow } from './model';

export interface Ranks {
  /** The length of the longest way from a beginning, by node. */
  rank: Map<string, number>;
  /** Ids of the edges that lead back, so that a loop is. */
  back: Set<string>;
}

/** Which edges lead back, and how far each node is from the beginning without them. Not recursive: chains are long. */
export function ranksOf(workflow: Workflow): Ranks {
  const from = new Map<string, GraphEdge[]>(workflow.nodes.map((node) => [node.id, []]));
  for (const edge of workflow.edges) from.get(edge.from)?.push(edge);
  const { back, finished } = walk(workflow, from);
  const rank = new Map(workflow.nodes.map((node) => [node.id, 0]));
  for (const id of finished.reverse()) {
    for (const edge of from.get(id) ?? []) {
      if (back.has(edge.id)) continue;
      rank.set(edge.to, Math.max(rank.get(edge.to) ?? 0, (rank.get(id) ?? 0) + 1));
    }
  }
  return { rank, back };
}

/** Depth first; a node is finished after all that it leads to. */
function walk(workflow: Workflow, from: Map<string, GraphEdge[]>) {
  const back = new Set<string>();
  const finished: string[] = [];
  const open = new Set<string>();
  const done = new Set<string>();
  for (const { id } of workflow.nodes) {
    const stack = done.has(id) ? [] : [{ id, at: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1);
      if (top === undefined) break;
      open.add(top.id);
      const edge = from.get(top.id)?.[top.at];
      top.at += 1;
      if (edge === undefined) {
        stack.pop();
        open.delete(top.id);
        done.add(top.id);
        finished.push(top.id);
      } else if (open.has(edge.to)) {
        back.add(edge.id);
      } else if (!done.has(edge.to)) {
        stack.push({ id: edge.to, at: 0 });
      }
    }
  }
  return { back, finished };
}

/** Edges over more ranks than these go beside the nodes. */
const SPAN_MAX = 5;

/**
 * The edges that run in lanes beside the nodes: those that lead back, and far ones but for the nearest to each node,
 * which holds it below what leads to it.
 *
 * dagre makes a dummy of each rank that an edge crosses: 40 catchers that lead to one last state would cost seconds, and
 * 40 lines side by side tell nobody anything.
 */
export function lanedEdges(workflow: Workflow, { rank, back }: Ranks, spanMax = SPAN_MAX): Set<string> {
  const span = (edge: GraphEdge) => (rank.get(edge.to) ?? 0) - (rank.get(edge.from) ?? 0);
  const nearest = new Map<string, GraphEdge>();
  for (const edge of workflow.edges) {
    const other = nearest.get(edge.to);
    if (!back.has(edge.id) && (other === undefined || span(edge) < span(other))) nearest.set(edge.to, edge);
  }
  const laned = workflow.edges.filter(
    (edge) => (back.has(edge.id) && edge.from !== edge.to) || (span(edge) > spanMax && nearest.get(edge.to) !== edge),
  );
  return new Set(laned.map((edge) => edge.id));
}
