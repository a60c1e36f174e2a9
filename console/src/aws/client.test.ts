import { describe, expect, it, vi } from 'vitest';
import { type Call, Client } from './client';
import { AwsError, NetworkError, TimeoutError } from './errors';
import { callJson, readJsonError } from './json';

const session = {
  endpoint: 'http://127.0.0.1:4566/tools/',
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
const STATES = { service: 'states', targetPrefix: 'AWSStepFunctions', version: '1.0' } as const;
const READ: Call = { service: 'states', operation: 'ListStateMachines', body: '{}', reads: true };

const ok = () => new Response('{"a": 1}', { status: 200 });
const refusal = (status: number, type: string) =>
  new Response(JSON.stringify({ __type: type, message: 'no' }), { status, headers: { 'x-amzn-requestid': 'r-1' } });

/** A client that is answered by these, one after another. */
function answered(...answers: (() => Response | Promise<Response>)[]) {
  const asked = vi.fn<typeof fetch>();
  answers.forEach((answer) => asked.mockImplementationOnce(async () => answer()));
  const watcher = { answered: vi.fn(), gone: vi.fn(), refused: vi.fn() };
  return { asked, watcher, client: new Client(session, watcher, asked) };
}

const broken = () => Promise.reject(new TypeError('Failed to fetch'));

describe('the client', () => {
  it('sends a signed request to the server behind its prefix', async () => {
    const { asked, client } = answered(ok);
    expect(await callJson(client, STATES, 'ListStateMachines', { maxResults: 1 })).toEqual({ a: 1 });
    const [url, init] = asked.mock.calls[0] ?? [];
    expect(url).toBe('http://127.0.0.1:4566/tools/');
    expect(init).toMatchObject({
      method: 'POST',
      body: '{"maxResults":1}',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.ListStateMachines' },
    });
    expect((init?.headers as Record<string, string>)['authorization']).toContain('/eu-west-1/states/aws4_request');
  });

  it('signs what the server sees, which no prefix reaches', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    const authorization = async (endpoint: string) => {
      const asked = vi.fn<typeof fetch>().mockResolvedValue(ok());
      await new Client({ ...session, endpoint }, undefined, asked).send(READ, readJsonError);
      return (asked.mock.calls[0]?.[1]?.headers as Record<string, string>)['authorization'];
    };
    expect(await authorization('http://h/a/b/')).toBe(await authorization('http://h/'));
    vi.useRealTimers();
  });

  it('writes queries as they are signed', async () => {
    const { asked, client } = answered(ok);
    await client.send({ service: 's3', operation: 'x', method: 'GET', path: '/b', query: { prefix: "a b+(é)'" } }, readJsonError);
    expect(asked.mock.calls[0]?.[0]).toBe('http://127.0.0.1:4566/tools/b?prefix=a%20b%2B%28%C3%A9%29%27');
  });

  it('tells an error by code, message, status and request id', async () => {
    const { client } = answered(() => refusal(400, 'com.amazonaws.states#InvalidArn:http://internal/'));
    const error = await client.send(READ, readJsonError).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AwsError);
    expect(error).toMatchObject({ code: 'InvalidArn', message: 'no', status: 400, requestId: 'r-1', operation: 'ListStateMachines' });
  });

  it('asks again for what only reads, when nobody answered or it was too fast', async () => {
    const { asked, client } = answered(broken, () => refusal(400, 'ThrottlingException'), ok);
    expect((await client.send(READ, readJsonError)).status).toBe(200);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('does not do a thing twice', async () => {
    const { asked, client, watcher } = answered(broken, ok);
    await expect(callJson(client, STATES, 'StartExecution', {})).rejects.toBeInstanceOf(NetworkError);
    expect(asked).toHaveBeenCalledOnce();
    expect(watcher.gone).toHaveBeenCalledOnce();
  });

  it('does not repeat what was refused', async () => {
    const { asked, client } = answered(() => refusal(400, 'ValidationException'), ok);
    await expect(client.send(READ, readJsonError)).rejects.toMatchObject({ code: 'ValidationException' });
    expect(asked).toHaveBeenCalledOnce();
  });

  it.each(['UnrecognizedClientException', 'InvalidSignatureException', 'InvalidClientTokenId', 'SignatureDoesNotMatch'])(
    'reports %s as a refusal of the caller',
    async (code) => {
      const { client, watcher } = answered(() => refusal(403, code));
      await expect(client.send(READ, readJsonError)).rejects.toMatchObject({ code });
      expect(watcher.refused).toHaveBeenCalledOnce();
    },
  );

  it('ends with the page that asked, silently to the watcher', async () => {
    const { asked, client, watcher } = answered();
    const stop = new AbortController();
    asked.mockImplementation((_, init) => endless(init?.signal));
    const asking = client.send({ ...READ, signal: stop.signal }, readJsonError);
    stop.abort();
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
    expect(watcher.gone).not.toHaveBeenCalled();
  });

  it('does not wait for ever', async () => {
    const { asked, client } = answered();
    asked.mockImplementation((_, init) => endless(init?.signal));
    await expect(client.send({ ...READ, timeoutSeconds: 0.01 }, readJsonError)).rejects.toBeInstanceOf(TimeoutError);
    expect(asked).toHaveBeenCalledOnce();
  });
});

/** Never answered; ends when the signal says so. */
function endless(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_, reject) => {
    const end = () => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal?.aborted === true) {
      end();
    }
    signal?.addEventListener('abort', end);
  });
}
