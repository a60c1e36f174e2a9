// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, it, vi } from 'vitest';
import { Notifications, PassingNotifications } from './Notifications';
import { notify } from './notifications';

afterEach(() => vi.unstubAllGlobals());

it('lets what goes by itself float, and keeps what must be seen to above the page', () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const place = document.createElement('div');
  act(() => createRoot(place).render(<><main><Notifications /></main><PassingNotifications /></>));
  const said = () => [place.querySelector('main'), place.querySelector('.passing')].map((one) => [...(one?.querySelectorAll('[role=status]') ?? [])].map((each) => each.textContent));
  act(() => {
    notify.success('Saved');
    notify.error('It could not be started', new Error('Why'));
  });
  expect(said()).toEqual([[expect.stringContaining('Why')], [expect.stringContaining('Saved')]]);
});
