import { createRootRoute } from '@tanstack/react-router';
import { ErrorPage, NotFoundPage } from './ErrorPage';
import { regionOf } from './region';
import { currentSession, setRegion } from './session';
import { Shell } from './Shell';

/** What every page's route hangs from: `createRoute({ getParentRoute: () => root, … })`. */
export const root = createRootRoute({
  validateSearch: (search): { region?: string } =>
    typeof search['region'] === 'string' ? { region: search['region'] } : {},
  // Before anything is asked: each page is about the region that its address names.
  beforeLoad: ({ location }) =>
    setRegion(regionOf(location.pathname, location.searchStr) ?? currentSession().region),
  component: Shell,
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
});
