import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../app/root';
import { texts } from '../ui/search';

const buckets = createRoute({
  getParentRoute: () => root,
  path: '/s3',
  validateSearch: texts('q'),
  component: lazyRouteComponent(() => import('./BucketsPage'), 'BucketsPage'),
});

const bucket = createRoute({
  getParentRoute: () => root,
  path: '/s3/$bucket',
  // `prefix`: the folder, with its slash; `q`: how the names in it begin.
  validateSearch: texts('prefix', 'q'),
  component: lazyRouteComponent(() => import('./ObjectsPage'), 'ObjectsPage'),
});

const object = createRoute({
  getParentRoute: () => root,
  path: '/s3/$bucket/object',
  // Not in the path: a key may hold anything, slashes side by side too.
  validateSearch: texts('key'),
  component: lazyRouteComponent(() => import('./ObjectPage'), 'ObjectPage'),
});

export const s3Routes = [buckets, bucket, object] as const;
