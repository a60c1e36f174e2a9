import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../app/root';
import { texts } from '../ui/search';

const list = createRoute({
  getParentRoute: () => root,
  path: '/state-machines',
  validateSearch: texts('q'),
  component: lazyRouteComponent(() => import('./ListPage'), 'ListPage'),
});

const create = createRoute({
  getParentRoute: () => root,
  path: '/state-machines/create',
  // `from`: the state machine to copy.
  validateSearch: texts('from'),
  component: lazyRouteComponent(() => import('../editor/EditorPage'), 'CreatePage'),
});

const machine = createRoute({
  getParentRoute: () => root,
  path: '/state-machines/$arn',
  validateSearch: texts('tab', 'q', 'error', 'status', 'last', 'after', 'before', 'state'),
  component: lazyRouteComponent(() => import('./MachinePage'), 'MachinePage'),
});

const edit = createRoute({
  getParentRoute: () => root,
  path: '/state-machines/$arn/edit',
  validateSearch: texts('mode', 'state'),
  component: lazyRouteComponent(() => import('../editor/EditorPage'), 'EditPage'),
});

export const machineRoutes = [list, create, machine, edit] as const;
