import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../app/root';
import { texts } from '../ui/search';

const tables = createRoute({
  getParentRoute: () => root,
  path: '/dynamodb',
  validateSearch: texts('q'),
  component: lazyRouteComponent(() => import('./TablesPage'), 'TablesPage'),
});

const table = createRoute({
  getParentRoute: () => root,
  path: '/dynamodb/$table',
  // `find`: what is asked for, as JSON; see find.ts.
  validateSearch: texts('tab', 'find'),
  component: lazyRouteComponent(() => import('./TablePage'), 'TablePage'),
});

const item = createRoute({
  getParentRoute: () => root,
  path: '/dynamodb/$table/item',
  // `key`: the item's, in DynamoDB JSON; none for a new item, which may begin as a copy of the one `from` names.
  validateSearch: texts('key', 'from'),
  component: lazyRouteComponent(() => import('./ItemPage'), 'ItemPage'),
});

export const dynamodbRoutes = [tables, table, item] as const;
