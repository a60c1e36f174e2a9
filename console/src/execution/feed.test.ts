import { describe, expect, it, vi } from 'vitest';
import type { Client } from '../aws/client';
import { AwsError } from '../aws/errors';
import type { GetExecutionHistoryInput, HistoryEvent } from '../aws/states';
import { Feed } from './feed';
import { recorded } from './recorded';

const { definition, events } = recorded('retry');

/** A server that knows so many events. */
function server(known: () => HistoryEvent[], stream?: () => Response) {
  const asked: GetExecutionHistoryInput[] = [];
  const api = {
    getExecutionHistory: (input: GetExecutionHistoryInput) => {
      asked.push(input);
      const all = input.reverseOrder === true ? known().reverse() : known();
      const from = Number(input.nextToken ?? 0);
      const to = from + 4;
      return Promise.resolve({ events: all.slice(from, to), ...(to < all.length ? { nextToken: String(to) } : {}) });
    },
  };
  const send = () => (stream === undefined ? Promise.reject(new AwsError('NoSuchBucket', '', 404, '', '')) : Promise.resolve(stream()));
  const client = { send } as unknown as Client;
  return { asked, feed: new Feed({ api, client, executionArn: 'arn', definition }) };
}

const text = (some: readonly HistoryEvent[]) => some.map((event) => `id: ${event.id}\nevent: history\ndata: ${JSON.stringify(event)}\n\n`).join('');

describe('the feed of a history', () => {
  it('shows the first page at once, and what comes soon after it together', async () => {
    const { feed } = server(() => [...events]);
    const counts: number[] = [];
    feed.subscribe(() => counts.push(feed.current().count));
    await vi.waitFor(() => expect(feed.current().complete).toBe(true));
    expect(counts).toEqual([4, events.length]);
    expect(feed.current().model.end?.status).toBe('failed');
  });

  it('follows the stream from the last event that it knows', async () => {
    const { feed } = server(() => events.slice(0, 6), () => new Response(`: hello\n\n${text(events.slice(4))}event: end\ndata: {}\n\n`));
    feed.subscribe(() => undefined);
    await vi.waitFor(() => expect(feed.current().count).toBe(events.length));
    expect(feed.current().model.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  });

  it('asks for news from the end where there is no stream', async () => {
    let known = 6;
    const { feed, asked } = server(() => events.slice(0, known));
    feed.subscribe(() => (known = feed.current().complete ? events.length : known));
    await vi.waitFor(() => expect(feed.current().count).toBe(events.length), { timeout: 5000 });
    expect(asked.some(({ reverseOrder }) => reverseOrder)).toBe(true);
    expect(feed.current().model.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  });

  it('says what went wrong, and reads on when asked to', async () => {
    let gone = true;
    const { feed } = server(() => {
      if (gone) throw new Error('away');
      return [...events];
    });
    feed.subscribe(() => undefined);
    await vi.waitFor(() => expect(feed.current().error).toBeInstanceOf(Error));
    gone = false;
    feed.retry();
    await vi.waitFor(() => expect(feed.current()).toMatchObject({ complete: true, error: undefined }));
  });

  it('goes on when the server is back', async () => {
    let gone = true;
    const { feed, asked } = server(() => {
      if (gone) throw new Error('away');
      return [...events];
    });
    feed.subscribe(() => undefined);
    await vi.waitFor(() => expect(feed.current().error).toBeInstanceOf(Error));
    gone = false;
    feed.resume();
    await vi.waitFor(() => expect(feed.current()).toMatchObject({ complete: true, error: undefined }));
    expect(asked[1]).not.toHaveProperty('nextToken');
    expect(feed.current().count).toBe(events.length);
  });
});
