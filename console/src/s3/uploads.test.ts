// @vitest-environment jsdom
import { expect, it, vi } from 'vitest';
import { Client } from '../aws/client';
import { cancelUploads, clearUploads, currentUploads, startUploads } from './uploads';

vi.mock('./upload', () => ({ upload: () => new Promise(() => undefined) }));

const client = new Client({ endpoint: 'http://127.0.0.1/', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } });
const start = (bucket: string) => startUploads(client, bucket, '', [{ file: new File(['x'], 'x'), path: 'x' }], () => undefined);
const states = () => currentUploads().map(({ bucket, state }) => `${bucket} ${state}`);

/** Whether the browser would ask before the site is left. */
function isWarned(): boolean {
  const event = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(event);
  return event.defaultPrevented;
}

it('stops and forgets those into one bucket, and warns until the last has ended', () => {
  start('one');
  start('two');
  cancelUploads('one');
  expect([states(), isWarned()]).toEqual([['one cancelled', 'two running'], true]);
  cancelUploads('two');
  expect(isWarned()).toBe(false);
  clearUploads('two');
  expect(states()).toEqual(['one cancelled']);
});
