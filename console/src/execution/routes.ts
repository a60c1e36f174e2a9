import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../app/root';
import { texts } from '../ui/search';

const execution = createRoute({
  getParentRoute: () => root,
  path: '/executions/$arn',
  // `event`: the visit of a state, or the event, that is looked at; `it`: the iterations; `replay`: as it was after that event.
  validateSearch: texts('view', 'state', 'event', 'it', 'replay', 'q', 'type', 'status', 'order', 'tab', 'step'),
  component: lazyRouteComponent(() => import('./ExecutionPage'), 'ExecutionPage'),
});

export const executionRoutes = [execution] as const;
