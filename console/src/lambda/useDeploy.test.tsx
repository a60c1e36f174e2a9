// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { zipSync } from 'fflate';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FunctionConfiguration } from '../aws/lambda';
import { type Draft, withText } from './draft';
import { useDeploy } from './useDeploy';

const api = { getFunction: vi.fn(), updateCode: vi.fn() };
vi.mock('./useLambda', () => ({ useLambda: () => ({ api, key: ['lambda'] }) }));

const CONFIG = { FunctionName: 'f', CodeSha256: 'old', RevisionId: 'r1' } as FunctionConfiguration;
const BASE = { zip: zipSync({ 'a.py': new TextEncoder().encode('x = 1') }), sha256: 'old' };
const DRAFT = withText(BASE, new Map(), 'a.py', 'x = 2');

/** What a page has that shows the draft. */
function page(draft: Draft | undefined) {
  const seen = { use: undefined as unknown as ReturnType<typeof useDeploy>, deployed: 0 };
  function Shown() {
    seen.use = useDeploy(CONFIG, draft, () => (seen.deployed += 1));
    return null;
  }
  const queries = new QueryClient();
  act(() => createRoot(document.createElement('div')).render(<QueryClientProvider client={queries}><Shown /></QueryClientProvider>));
  return seen;
}

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  api.updateCode.mockReset().mockResolvedValue({});
});
afterEach(() => vi.unstubAllGlobals());

it('deploys over its own package, whatever else was configured', async () => {
  api.getFunction.mockResolvedValue({ Configuration: { ...CONFIG, RevisionId: 'r2' } });
  const seen = page(DRAFT);
  await act(() => seen.use.deploy('ask'));
  expect(api.updateCode).toHaveBeenCalledWith('f', expect.any(Uint8Array), 'r2');
  expect(seen.deployed).toBe(1);
});

it('is busy from the first question on, so that nothing is written that would be forgotten', async () => {
  let answer: (value: unknown) => void = () => undefined;
  api.getFunction.mockReturnValue(new Promise((resolve) => { answer = resolve; }));
  const seen = page(DRAFT);
  let deployed = Promise.resolve();
  act(() => { deployed = seen.use.deploy('ask'); });
  expect(seen.use.busy).toBe(true);
  answer({ Configuration: CONFIG });
  await act(() => deployed);
  expect([seen.use.busy, seen.deployed]).toEqual([false, 1]);
});

it('asks before it replaces a package that was deployed meanwhile, and keeps the draft', async () => {
  api.getFunction.mockResolvedValue({ Configuration: { ...CONFIG, CodeSha256: 'new', RevisionId: 'r3' } });
  const seen = page(DRAFT);
  await act(() => seen.use.deploy('ask'));
  expect(api.updateCode).not.toHaveBeenCalled();
  expect([seen.use.isElsewhere, seen.deployed]).toEqual([true, 0]);
  await act(() => seen.use.deploy('overwrite'));
  expect(api.updateCode).toHaveBeenCalledWith('f', expect.any(Uint8Array), 'r3');
  expect(seen.deployed).toBe(1);
});

it('has no draft where every file is as it was', () => {
  expect(withText(BASE, DRAFT?.files ?? new Map(), 'a.py', undefined)).toBeUndefined();
});
