// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AwsError, NetworkError } from './errors';
import { follow, readEvents, type ServerEvent } from './events';

const text = (...data: string[]) => data.map((one) => `id: 1\nevent: changed\ndata: ${one}\n\n`).join('');

/** A server whose streams are these, one after the other; the last one stays open. */
function streams(...answers: (string | Error)[]) {
  const stop = new AbortController();
  const told: ServerEvent[] = [];
  const open = vi.fn((signal: AbortSignal) => {
    const answer = answers.shift();
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer !== undefined) return Promise.resolve(new Response(`retry: 1000\n\n${answer}`));
    return new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))));
  });
  return { stop, told, open, end: follow({ open, take: (events) => told.push(...events), signal: stop.signal }) };
}

function show(state: DocumentVisibilityState) {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a stream', () => {
  it('is read in pieces', () => {
    const whole = text('{"a":1}', '2');
    const first = readEvents(whole.slice(0, 25));
    const second = readEvents(first.rest + whole.slice(25));
    expect([...first.events, ...second.events].map(({ data }) => data)).toEqual(['{"a":1}', '2']);
    expect(second.rest).toBe('');
  });

  it('is opened anew when it ends, and when the connection is lost', async () => {
    const { stop, told, open, end } = streams(text('1'), new NetworkError('x'), text('2'));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told.map(({ data }) => data)).toEqual(['1', '2']);
    expect(open).toHaveBeenCalledTimes(4);
    stop.abort();
    expect(await end).toBe(true);
  });

  it('is opened anew when nothing is heard, not even that it is there', async () => {
    const stop = new AbortController();
    const lines: ReadableStreamDefaultController<Uint8Array>[] = [];
    const open = vi.fn(() => Promise.resolve(new Response(new ReadableStream<Uint8Array>({ start: (line) => void lines.push(line) }))));
    const end = follow({ open, take: () => undefined, signal: stop.signal });
    for (let sign = 0; sign < 8; sign += 1) {
      await vi.advanceTimersByTimeAsync(15_000);
      lines[0]?.enqueue(new TextEncoder().encode(':\n\n'));
    }
    expect(open).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(open).toHaveBeenCalledTimes(2);
    stop.abort();
    expect(await end).toBe(true);
  });

  it('is given up where the server has none', async () => {
    const { end, open } = streams(new AwsError('NoSuchBucket', '', 404, '', ''));
    expect(await end).toBe(false);
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('is let go while the page is not seen', async () => {
    const { stop, open, end } = streams();
    await vi.advanceTimersByTimeAsync(0);
    show('hidden');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(open).toHaveBeenCalledTimes(1);
    expect(open.mock.calls[0]?.[0].aborted).toBe(true);
    show('visible');
    await vi.advanceTimersByTimeAsync(0);
    expect(open).toHaveBeenCalledTimes(2);
    stop.abort();
    await end;
  });
});
