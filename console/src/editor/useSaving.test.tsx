// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freshConfig } from './config';
import { useSaving } from './useSaving';

const api = vi.hoisted(() => ({ revision: 'first', saved: [] as string[], isGone: false }));
vi.mock('../app/link', () => ({ at: () => '', useGo: () => () => undefined }));
vi.mock('../machines/useStates', () => ({
  useStates: () => ({
    key: [],
    api: {
      describeStateMachine: () => (api.isGone ? Promise.reject(new Error('gone')) : Promise.resolve({ revisionId: api.revision })),
      updateStateMachine: ({ definition }: { definition: string }) => {
        api.saved.push(definition);
        api.revision = definition;
        return Promise.resolve({ revisionId: definition });
      },
    },
  }),
}));

const config = freshConfig('M', '000000000000');
const seen = { saving: undefined as unknown as ReturnType<typeof useSaving> };

function rendered() {
  function Saving() {
    const saving = useSaving({ arn: 'arn', revision: 'first', saved: config, onSaved: () => undefined, onLeave: () => undefined });
    useEffect(() => { seen.saving = saving; });
    return null;
  }
  const root = createRoot(document.createElement('div'));
  act(() => root.render(<QueryClientProvider client={new QueryClient()}><Saving /></QueryClientProvider>));
  return root;
}

let root: ReturnType<typeof rendered>;
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  Object.assign(api, { revision: 'first', saved: [], isGone: false });
  root = rendered();
});
afterEach(() => {
  act(() => root.unmount());
  vi.unstubAllGlobals();
});

const update = (definition: string, how?: 'overwrite') => act(() => seen.saving.update(config, definition, how));

test('what is saved one after another is saved', async () => {
  expect(await update('second')).toBe(true);
  expect(await update('third')).toBe(true);
  expect(api.saved).toEqual(['second', 'third']);
});

test('what somebody else has saved is replaced only when asked to', async () => {
  api.revision = 'theirs';
  expect(await update('mine')).toBe(false);
  expect(seen.saving.isElsewhere).toBe(true);
  expect(api.saved).toEqual([]);
  act(() => seen.saving.forget());
  expect(seen.saving.isElsewhere).toBe(false);
  expect(await update('mine', 'overwrite')).toBe(true);
  expect(await update('mine again')).toBe(true);
  expect(api.saved).toEqual(['mine', 'mine again']);
});

test('while the server is gone nothing is saved, and it can be tried again', async () => {
  api.isGone = true;
  expect(await update('mine')).toBe(false);
  expect(seen.saving).toMatchObject({ isElsewhere: false, isBusy: false, refused: { definition: 'mine', config } });
  api.isGone = false;
  expect(await update('mine')).toBe(true);
  expect(seen.saving.refused).toBeUndefined();
});
