import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../app/root';
import { texts } from '../ui/search';

const collections = createRoute({
  getParentRoute: () => root,
  path: '/rekognition',
  validateSearch: texts('q'),
  component: lazyRouteComponent(() => import('./CollectionsPage'), 'CollectionsPage'),
});

const collection = createRoute({
  getParentRoute: () => root,
  path: '/rekognition/$collection',
  // `bucket` and `key`: the picture to search by; `threshold`: how similar, in percent.
  validateSearch: texts('tab', 'bucket', 'key', 'threshold'),
  component: lazyRouteComponent(() => import('./CollectionPage'), 'CollectionPage'),
});

const face = createRoute({
  getParentRoute: () => root,
  path: '/rekognition/$collection/faces/$face',
  validateSearch: texts('threshold'),
  component: lazyRouteComponent(() => import('./FacePage'), 'FacePage'),
});

const detect = createRoute({
  getParentRoute: () => root,
  path: '/detect-faces',
  validateSearch: texts('bucket', 'key'),
  component: lazyRouteComponent(() => import('./DetectPage'), 'DetectPage'),
});

export const rekognitionRoutes = [collections, collection, face, detect] as const;
