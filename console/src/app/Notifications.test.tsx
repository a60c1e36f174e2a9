// @vitest-environment jsdom
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { act, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, expect, it, vi } from 'vitest';
import { Notifications, PassingNotifications } from './Notifications';
import { notify } from './notifications';

vi.mock('./connection', () => ({ useServerGone: () => isGone }));
let isGone = false;

const roots: Root[] = [];
/** Whatever the test shows goes at its end. */
function rootIn(place: HTMLElement): Root {
  const root = createRoot(place);
  roots.push(root);
  return root;
}

afterEach(() => {
  act(() => roots.splice(0).forEach((root) => root.unmount()));
  vi.unstubAllGlobals();
});

it('lets what goes by itself float, and keeps what must be seen to above the page', () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const place = document.createElement('div');
  act(() => rootIn(place).render(<QueryClientProvider client={new QueryClient()}><main><Notifications /></main><PassingNotifications /></QueryClientProvider>));
  const said = () => [place.querySelector('main'), place.querySelector('.passing')].map((one) => [...(one?.querySelectorAll('[role=status]') ?? [])].map((each) => each.textContent));
  act(() => {
    notify.success('Saved');
    notify.error('It could not be started', new Error('Why'));
  });
  expect(said()).toEqual([[expect.stringContaining('Why')], [expect.stringContaining('Saved')]]);
});

it('says that what is seen is old only where there is something to see', () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  isGone = true;
  const queries = new QueryClient();
  const place = document.createElement('div');
  const page = rootIn(place);
  const show = (children: ReactNode) => act(() => { page.render(<QueryClientProvider client={queries}><Notifications />{children}</QueryClientProvider>); });
  show(<Asked name="caller-identity" />);
  expect(place.textContent).toContain('It has not said yet what belongs here.');
  show(<Asked name="tables" />);
  expect(place.textContent).toContain('What you see is what it last said.');
  isGone = false;
});

function Asked({ name }: { readonly name: string }) {
  useQuery({ queryKey: [name], queryFn: () => 1, initialData: 1 });
  return null;
}
