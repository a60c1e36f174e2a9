// @vitest-environment jsdom
import { createMemoryHistory, createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { expect, it, vi } from 'vitest';
import { arnIn, pasted } from './pasted';
import { root } from './root';

// Without the pages' frame.
vi.mock('./root', () => ({ root: createRootRoute() }));

const MAP_RUN = 'arn:aws:states:us-east-1:000000000000:mapRun:photo/Each:9011c824';
const CHILD = 'arn:aws:states:us-east-1:000000000000:execution:photo/Each:b7f3';

/** Where an address leads to. */
async function led(address: string) {
  const one = createRoute({ getParentRoute: () => root, path: '/executions/$arn' });
  const compare = createRoute({ getParentRoute: () => root, path: '/executions/$arn/compare' });
  const router = createRouter({
    routeTree: root.addChildren([one, compare, pasted('/executions', ['compare'])]),
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  await router.load();
  const last = router.state.matches.at(-1);
  return [last?.routeId, (last?.params as { arn?: string } | undefined)?.arn, last?.search];
}

it.each([
  [`/executions/${CHILD}?view=table`, '/executions/$arn', { view: 'table' }],
  [`/executions/${encodeURIComponent(CHILD)}`, '/executions/$arn', {}],
  [`/executions/${CHILD}/compare?with=b`, '/executions/$arn/compare', { with: 'b' }],
])('reads the ARN of %s', async (address, page, search) => {
  expect(await led(address)).toEqual([page, CHILD, search]);
});

it('finds an ARN with slashes, and the page below it', () => {
  expect(arnIn(MAP_RUN, [])).toEqual({ arn: MAP_RUN });
  expect(arnIn(`${CHILD}/compare`, ['compare'])).toEqual({ arn: CHILD, page: 'compare' });
  expect(arnIn('elsewhere/compare', ['compare'])).toBeUndefined();
});
