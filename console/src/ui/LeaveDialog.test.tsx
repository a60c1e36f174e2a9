// @vitest-environment jsdom
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it, onTestFinished, vi } from 'vitest';
import { LeaveDialog } from './LeaveDialog';

vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
vi.stubGlobal('scrollTo', () => undefined);

/** A page with a draft, at `/item:1?key=1`; goes to an address and says where one is then, and whether one was asked. */
async function pageWithDraft() {
  const component = () => <LeaveDialog isDirty={() => true} about={['key']} />;
  const routeTree = createRootRoute({ component, notFoundComponent: component });
  const history = createMemoryHistory({ initialEntries: ['/item:1?key=1'] });
  const router = createRouter({ routeTree, history });
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  // Or its dialogue's timers go on without a document.
  onTestFinished(() => act(() => root.unmount()));
  await act(async () => {
    await router.load();
    root.render(<RouterProvider router={router} />);
  });
  return async (to: string) => {
    await act(async () => {
      history.push(to);
      await router.load();
    });
    return { at: history.location.href, isAsked: document.body.textContent.includes('Discard changes?') };
  };
}

it.each([
  ['/item:1?key=1&tab=2', false],
  ['/item%3A1?key=1&tab=2', false],
  ['/item:1?key=2', true],
  ['/items?key=1', true],
])('asks whether to leave a draft for %s: %s', async (to, isAsked) => {
  const go = await pageWithDraft();
  expect(await go(to)).toEqual({ at: isAsked ? '/item:1?key=1' : to, isAsked });
});
