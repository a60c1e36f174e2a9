import { createRoute, createRouter, redirect } from '@tanstack/react-router';
import { dynamodbRoutes } from '../dynamodb/routes';
import { executionRoutes } from '../execution/routes';
import { lambdaRoutes } from '../lambda/routes';
import { machineRoutes } from '../machines/routes';
import { rekognitionRoutes } from '../rekognition/routes';
import { s3Routes } from '../s3/routes';
import { BASE } from './base';
import { ErrorPage } from './ErrorPage';
import { root } from './root';
import { PendingPage } from './Shell';

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/state-machines', replace: true });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    ...machineRoutes,
    ...executionRoutes,
    ...s3Routes,
    ...rekognitionRoutes,
    ...dynamodbRoutes,
    ...lambdaRoutes,
  ]),
  basepath: BASE.replace(/\/$/, ''),
  defaultPendingComponent: PendingPage,
  defaultErrorComponent: ErrorPage,
  defaultPreload: false,
  scrollRestoration: true,
  // ARNs are read by people.
  pathParamsAllowedCharacters: [':'],
  // Filters are text; `?status=FAILED`, not `?status=%22FAILED%22`.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(pairs as [string, string][]).toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
