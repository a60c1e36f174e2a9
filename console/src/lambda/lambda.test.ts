import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { Client } from '../aws/client';
import { base64, decodeBase64, lambda } from '../aws/lambda';
import { forgetEvent, keepEvent, readEvents } from './events';
import { instantOf, reportOf, withBreaks } from './report';
import { entriesOf, readEntry, withFiles } from './zip';

const EXECUTABLE = (0o100755 << 16) >>> 0;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (source: string) => new TextEncoder().encode(source);

const PACKAGE = zipSync({
  bootstrap: [bytes('#!/bin/sh\n'), { os: 3, attrs: EXECUTABLE, mtime: new Date(2024, 1, 3, 4, 5, 6) }],
  'lib/写.py': bytes('x = 1\n'),
  'empty/': new Uint8Array(),
});

describe('packages', () => {
  it('are listed without being unpacked', () => {
    expect(entriesOf(PACKAGE).map(({ name, bytes: size }) => [name, size])).toEqual([
      ['bootstrap', 10],
      ['lib/写.py', 6],
      ['empty/', 0],
    ]);
  });

  it('keep modes, times and the other files when one changes', () => {
    const changed = withFiles(PACKAGE, new Map([['lib/写.py', 'x = 2 # ü\n']]));
    expect(text(readEntry(changed, 'lib/写.py'))).toBe('x = 2 # ü\n');
    expect(text(readEntry(changed, 'bootstrap'))).toBe('#!/bin/sh\n');
    const [first] = entriesOf(changed);
    expect(first).toMatchObject({ name: 'bootstrap', os: 3, attributes: EXECUTABLE, modified: new Date(2024, 1, 3, 4, 5, 6) });
    expect(entriesOf(changed).map(({ name }) => name)).toEqual(entriesOf(PACKAGE).map(({ name }) => name));
  });

  it('come out as other programs read them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'canter-zip-'));
    const zip = join(folder, 'a.zip');
    writeFileSync(zip, withFiles(PACKAGE, new Map([['bootstrap', '#!/bin/sh\necho\n']])));
    const script = 'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(oct(z.getinfo("bootstrap").external_attr>>16),z.read("bootstrap").decode(),end="")';
    expect(execFileSync('python3', ['-c', script, zip], { encoding: 'utf8' })).toBe('0o100755 #!/bin/sh\necho\n');
    expect(statSync(zip).size).toBe(readFileSync(zip).length);
    rmSync(folder, { recursive: true });
  });

  it('may lie anywhere in memory, and end in a comment', () => {
    const around = new Uint8Array(PACKAGE.length + 15);
    around.set(PACKAGE, 7);
    around.set(bytes('comment!'), 7 + PACKAGE.length);
    // The length of the comment.
    around[7 + PACKAGE.length - 2] = 8;
    expect(entriesOf(around.subarray(7))).toHaveLength(3);
  });

  it.each([new Uint8Array(), bytes('no zip file at all, though it is long enough'), PACKAGE.slice(0, -30)])('are refused when they are none', (broken) => {
    expect(() => entriesOf(broken)).toThrow(/zip/);
  });

  it('are refused when their directory is broken', () => {
    const broken = PACKAGE.slice();
    new DataView(broken.buffer).setUint32(broken.length - 6, 1, true);
    expect(() => entriesOf(broken)).toThrow(/broken/);
  });
});

describe('test events', () => {
  const keeper = () => {
    const kept = new Map<string, string>();
    return { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name), kept };
  };

  it('are kept by name, for each function', () => {
    const store = keeper();
    keepEvent(store, 'f', { name: 'b', text: '1' });
    keepEvent(store, 'f', { name: 'a', text: '2' });
    keepEvent(store, 'f', { name: 'b', text: '3' });
    expect(readEvents(store, 'f')).toEqual([
      { name: 'a', text: '2' },
      { name: 'b', text: '3' },
    ]);
    expect(readEvents(store, 'g')).toEqual([]);
    forgetEvent(store, 'f', 'a');
    forgetEvent(store, 'f', 'b');
    expect(store.kept.size).toBe(0);
  });

  it.each(['{', '7', 'null', '[null, {"name": 1}]'])('are none where %s is kept', (junk) => {
    const store = keeper();
    store.setItem('canter.events.f', junk);
    expect(readEvents(store, 'f')).toEqual([]);
  });
});

it('reads what a REPORT line tells', () => {
  const log = 'START RequestId: r Version: $LATEST\nREPORT RequestId: r\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tInit Duration: 90.1 ms\t\n';
  expect(reportOf(log)).toEqual({ seconds: 0.00123, billedSeconds: 0.002, memory: '128 MB', memoryUsed: '30 MB', initSeconds: 0.0901 });
  expect(reportOf('nothing')).toEqual({});
});

it('reads instants without a colon in their zone', () => {
  expect(instantOf('1970-01-01T01:00:01.500+0100')).toBe(1.5);
  expect(instantOf('never')).toBeUndefined();
});

it('writes base64 of any length', () => {
  const large = Uint8Array.from({ length: 100_001 }, (_, at) => at % 256);
  expect(base64(large)).toBe(Buffer.from(large).toString('base64'));
  expect(decodeBase64(Buffer.from('ü写').toString('base64'))).toBe('ü写');
});

describe('the API', () => {
  const session = { endpoint: 'http://proxy/tools/', region: 'r', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };

  it('tells a failed function from a failed call', async () => {
    const headers = { 'x-amz-function-error': 'Unhandled', 'x-amz-log-result': btoa('END\n'), 'x-amz-executed-version': '3', 'x-amzn-requestid': 'q' };
    const asked: string[] = [];
    const client = new Client(session, undefined, (url) => {
      asked.push(url as string);
      return Promise.resolve(new Response('{"errorMessage":"m"}', { headers }));
    });
    const result = await lambda(client).invoke({ name: 'f', qualifier: 'live', isAwaited: true, payload: '{}', timeoutSeconds: 5 });
    expect(result).toEqual({ status: 200, error: 'Unhandled', payload: '{"errorMessage":"m"}', log: 'END\n', version: '3', requestId: 'q' });
    expect(asked).toEqual(['http://proxy/tools/2015-03-31/functions/f/invocations?Qualifier=live']);
  });

  it('asks for packages nowhere but at the server', async () => {
    await expect(lambda(new Client(session)).getCode('https://elsewhere/bucket/a.zip')).rejects.toThrow(/another service/);
  });
});

it('breaks the lines of a message where the runtime has written carriage returns', () => {
  expect(withBreaks('told to fail\rTraceback\r\n  File\n')).toBe('told to fail\nTraceback\n  File\n');
});
