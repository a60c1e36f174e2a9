import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { pasted } from '../app/pasted';
import { root } from '../app/root';
import { texts } from '../ui/search';

const execution = createRoute({
  getParentRoute: () => root,
  path: '/executions/$arn',
  // `event`: the visit of a state, or the event, that is looked at; `it`: the iterations; `replay`: as it was after that event.
  validateSearch: texts('view', 'state', 'event', 'it', 'replay', 'q', 'type', 'status', 'order', 'tab', 'step'),
  component: lazyRouteComponent(() => import('./ExecutionPage'), 'ExecutionPage'),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: '/executions/$arn/compare',
  // `with`: the other execution; `pair`: the visit that is looked at in both.
  validateSearch: texts('with', 'pair', 'q', 'only', 'sort'),
  component: lazyRouteComponent(() => import('./ComparePage'), 'ComparePage'),
});

const mapRun = createRoute({
  getParentRoute: () => root,
  path: '/map-runs/$arn',
  validateSearch: texts('status'),
  component: lazyRouteComponent(() => import('./MapRunPage'), 'MapRunPage'),
});

export const executionRoutes = [
  execution, compare, mapRun, pasted('/executions', ['compare']), pasted('/map-runs'),
] as const;
