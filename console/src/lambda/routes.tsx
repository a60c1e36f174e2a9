import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../app/root';
import { texts } from '../ui/search';

const functions = createRoute({
  getParentRoute: () => root,
  path: '/lambda',
  validateSearch: texts('q'),
  component: lazyRouteComponent(() => import('./FunctionsPage'), 'FunctionsPage'),
});

const one = createRoute({
  getParentRoute: () => root,
  path: '/lambda/$name',
  // `qualifier`: a version or alias; `file`: the one of the package that is shown; `last`: seconds of log.
  validateSearch: texts('tab', 'qualifier', 'file', 'last'),
  component: lazyRouteComponent(() => import('./FunctionPage'), 'FunctionPage'),
});

export const lambdaRoutes = [functions, one] as const;
