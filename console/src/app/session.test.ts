// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest';
import { AwsError } from '../aws/errors';

const REFUSAL = new AwsError('InvalidClientTokenId', 'not valid', 403, '', 'ListStateMachines');

/** The session of a page that is opened now. */
async function opened() {
  vi.resetModules();
  return import('./session');
}

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});

it('still knows which key was refused, and why', async () => {
  const { currentSession, refuse, signIn } = await opened();
  const typed = { accessKeyId: 'AKID', secretAccessKey: 'mistyped' };
  signIn(typed, false);
  refuse(REFUSAL, typed);
  expect(currentSession()).toMatchObject({ credentials: typed, refusal: 'InvalidClientTokenId: not valid' });
});

it('does not hold what was said of an earlier key against a later one', async () => {
  const { currentSession, refuse, signIn, TEST } = await opened();
  signIn({ accessKeyId: 'AKID', secretAccessKey: 'right' }, false);
  refuse(REFUSAL, TEST);
  expect(currentSession().refusal).toBeUndefined();
});

it('goes on with the page when another key takes the place of a refused one, and begins anew for whoever signs in', async () => {
  const { currentSession, refuse, signIn, signOut, TEST } = await opened();
  const { visit } = currentSession();
  refuse(REFUSAL, TEST);
  signIn({ accessKeyId: 'AKID', secretAccessKey: 'right' }, false);
  expect(currentSession().visit).toBe(visit);
  signOut();
  signIn({ accessKeyId: 'AKID', secretAccessKey: 'right' }, false);
  expect(currentSession().visit).not.toBe(visit);
});

it.each(['null', '7', '{', '{"accessKeyId": 7}', '{"accessKeyId": "a"}'])('takes no key from %s', async (text) => {
  sessionStorage.setItem('canter.credentials', text);
  const { currentSession, TEST } = await opened();
  expect(currentSession().credentials).toBe(TEST);
});

it('remembers a key from page to page', async () => {
  const typed = { accessKeyId: 'AKID', secretAccessKey: 'right' };
  (await opened()).signIn(typed, false);
  expect((await opened()).currentSession().credentials).toEqual(typed);
});
