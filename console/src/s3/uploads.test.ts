// @vitest-environment jsdom
import { expect, it, vi } from 'vitest';
import { Client } from '../aws/client';
import { cancelUploads, clearUploads, currentUploads, startUploads } from './uploads';

/** Lets the next file arrive. */
const { arrivals } = vi.hoisted(() => ({ arrivals: [] as (() => void)[] }));
vi.mock('./upload', () => ({ upload: () => new Promise<void>((resolve) => arrivals.push(resolve)) }));

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

it('tells of files that arrive at most once a second, and of the last at once', async () => {
  vi.useFakeTimers();
  arrivals.splice(0);
  const told = vi.fn();
  startUploads(client, 'many', '', Array.from({ length: 5 }, (_, at) => ({ file: new File(['x'], 'x'), path: `${at}` })), told);
  const arrive = async () => {
    arrivals.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  for (let file = 0; file < 3; file += 1) await arrive();
  expect(told).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toHaveBeenCalledTimes(1);
  await arrive();
  await arrive();
  expect(told).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(told).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});
