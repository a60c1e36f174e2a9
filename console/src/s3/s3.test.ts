// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { Client } from '../aws/client';
import { AwsError } from '../aws/errors';
import { completion, deletion, pathOf, readBuckets, readHead, readObjects, s3 } from '../aws/s3';
import { parseXml } from '../aws/xml';
import { baseName, bucketProblem, folderOf, keyProblem } from './names';
import { OBJECT_BYTES_MAX, PARTS_MAX, planParts, WHOLE_BYTES_MAX } from './plan';
import { attachment, kindOf, mayShowFaces } from './preview';
import { deleteBelow } from './removal';
import { upload } from './upload';

const SESSION = { endpoint: 'http://h/', region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };

/** A client whose server answers with these texts, one after the other; and what it was asked. */
function answering(...answers: string[]) {
  const asked: { url: string; body: unknown }[] = [];
  const client = new Client(SESSION, undefined, (url, init) => {
    asked.push({ url: url as string, body: init?.body });
    return Promise.resolve(new Response(answers.shift() ?? ''));
  });
  return { api: s3(client), asked };
}

describe('readObjects', () => {
  const page = (keys: string, encoding = '<EncodingType>url</EncodingType>') =>
    readObjects(parseXml(`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>p</Prefix>${encoding}${keys}</ListBucketResult>`));

  it('reads keys of any script, white space and control characters', () => {
    const { objects } = page(
      '<Contents><Key>%E5%86%99%E7%9C%9F+1%2B2%0A%01.jpg</Key><Size>7</Size><LastModified>2026-11-26T06:48:15.157Z</LastModified><ETag>&quot;e&quot;</ETag><StorageClass>STANDARD</StorageClass></Contents>',
    );
    expect(objects).toEqual([{ key: '写真 1+2\n\u0001.jpg', bytes: 7, modified: 1795675695.157, etag: 'e', storageClass: 'STANDARD' }]);
  });

  it('leaves keys alone that came as they are', () => {
    expect(page('<Contents><Key>100%+a</Key></Contents>', '').objects[0]?.key).toBe('100%+a');
  });

  it('tells folders from the prefix that was asked for, and where the list goes on', () => {
    const { folders, nextToken } = page('<CommonPrefixes><Prefix>p/%C3%BC/</Prefix></CommonPrefixes><NextContinuationToken>t</NextContinuationToken>');
    expect(folders).toEqual(['p/ü/']);
    expect(nextToken).toBe('t');
  });
});

it('reads buckets, not their owner', () => {
  const xml = '<R><Owner><ID>o</ID></Owner><Buckets><Bucket><Name>b</Name><CreationDate>1970-01-01T00:00:01Z</CreationDate></Bucket></Buckets></R>';
  expect(readBuckets(parseXml(xml))).toEqual([{ name: 'b', created: 1 }]);
});

it("tells the user's metadata from S3's", () => {
  const head = readHead(new Headers({ 'x-amz-meta-rider': 'a', 'cache-control': 'no-store', etag: '"e"', 'content-length': '3', date: 'x' }));
  expect(head.metadata).toEqual([['rider', 'a']]);
  expect(head.system).toEqual([['cache-control', 'no-store']]);
  expect([head.etag, head.bytes, head.modified]).toEqual(['e', 3, undefined]);
});

describe('deletion', () => {
  it.each(['a&b<c>"\'', ' a\r\n\tb ', '写真/ü'])('hands %j over unchanged', (key) => {
    expect(parseXml(deletion([key])).getElementsByTagName('Key')[0]?.textContent).toBe(key);
  });

  it('says what could not be deleted', async () => {
    const { api } = answering('<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>');
    await expect(api.deleteObjects('b', ['k'])).rejects.toMatchObject({ code: 'AccessDenied', message: 'k: no' });
  });

  it('takes keys one by one that XML cannot hold, and the rest by the thousand', async () => {
    const { api, asked } = answering('', '<DeleteResult/>', '<DeleteResult/>');
    await api.deleteObjects('b', ['a\u0001', ...Array.from({ length: 1001 }, (_, at) => `k${at}`)]);
    expect(asked.map(({ url }) => url)).toEqual(['http://h/b/a%01', 'http://h/b?delete=', 'http://h/b?delete=']);
  });
});

it('empties a prefix page by page, until nothing is listed', async () => {
  const pages = [['a', 'b'], ['c'], []];
  const deleted: string[] = [];
  const api = {
    listObjects: () =>
      Promise.resolve({ folders: [], objects: (pages.shift() ?? []).map((key) => ({ key, bytes: 0, modified: 0, etag: '', storageClass: '' })) }),
    deleteObjects: (_: string, keys: readonly string[]) => {
      deleted.push(...keys);
      return Promise.resolve();
    },
  };
  expect(await deleteBelow(api, 'b', '', () => undefined)).toBe(3);
  expect(deleted).toEqual(['a', 'b', 'c']);
});

it('fails when a long completion fails after its 200', async () => {
  const { api } = answering('<Error><Code>InvalidPart</Code><Message>m</Message></Error>');
  await expect(api.completeUpload({ bucket: 'b', key: 'k' }, 'u', ['"e"'])).rejects.toBeInstanceOf(AwsError);
});

it('names parts in their order', () => {
  const parts = [...parseXml(completion(['"x"', '"y"'])).getElementsByTagName('Part')];
  expect(parts.map((part) => part.textContent)).toEqual(['1"x"', '2"y"']);
});

it('refuses keys that a browser would resolve away', () => {
  expect(() => pathOf({ bucket: 'b', key: 'a/../c' })).toThrow(/CLI/);
  expect(() => pathOf({ bucket: '..', key: 'c' })).toThrow(/CLI/);
  expect(keyProblem('a/../c')).toBeDefined();
  expect(keyProblem('a/..c//写真')).toBeUndefined();
  expect(keyProblem('写'.repeat(342))).toMatch(/1026/);
});

describe('planParts', () => {
  it('sends small files whole, the empty one too', () => {
    expect(planParts(0)).toEqual([{ number: 1, start: 0, end: 0 }]);
    expect(planParts(WHOLE_BYTES_MAX)).toHaveLength(1);
  });

  it.each([WHOLE_BYTES_MAX + 1, 100 * 1024 ** 2, 80_000 * 1024 ** 2, OBJECT_BYTES_MAX])('covers %d bytes once, within the bounds', (bytes) => {
    const parts = planParts(bytes);
    expect(parts.length).toBeLessThanOrEqual(PARTS_MAX);
    expect(parts[0]?.start).toBe(0);
    expect(parts.at(-1)?.end).toBe(bytes);
    expect(parts.slice(1).every((part, at) => part.start === parts[at]?.end)).toBe(true);
    expect(parts.slice(0, -1).every(({ start, end }) => end - start >= 5 * 1024 ** 2)).toBe(true);
  });

  it('refuses what S3 does not hold', () => {
    expect(() => planParts(OBJECT_BYTES_MAX + 1)).toThrow();
  });
});

describe('upload', () => {
  const place = { bucket: 'b', key: 'k' };
  const file = new Blob([new Uint8Array(WHOLE_BYTES_MAX + 1)]);
  const fake = (uploadPart: (number: number) => Promise<string>) => {
    const calls: string[] = [];
    const note = (name: string) => {
      calls.push(name);
      return Promise.resolve();
    };
    const api = {
      putObject: async () => new Response(await note('put').then(() => '')),
      createUpload: () => note('create').then(() => 'u'),
      uploadPart: (_p: unknown, _u: string, number: number) => uploadPart(number),
      completeUpload: (_p: unknown, _u: string, etags: readonly string[]) => note(`complete ${etags.join()}`),
      abortUpload: async () => new Response(await note('abort').then(() => '')),
    };
    return { api, calls };
  };

  it('tells what has arrived, and completes with every part', async () => {
    const { api, calls } = fake((number) => Promise.resolve(`e${number}`));
    const sent: number[] = [];
    await upload(api, place, file, new AbortController().signal, (bytes) => sent.push(bytes));
    expect(calls).toEqual(['create', 'complete e1,e2,e3']);
    expect(sent.at(-1)).toBe(file.size);
  });

  it('calls the upload off when a part fails', async () => {
    const { api, calls } = fake((number) => (number === 2 ? Promise.reject(new Error('lost')) : Promise.resolve('e')));
    await expect(upload(api, place, file, new AbortController().signal, () => undefined)).rejects.toThrow('lost');
    expect(calls).toEqual(['create', 'abort']);
  });
});

describe('names', () => {
  it('knows folders', () => {
    expect([baseName('a/b/c.jpg'), baseName('a/b/'), baseName('c'), folderOf('a/b/'), folderOf('a/b/c'), folderOf('c')]).toEqual(['c.jpg', 'b/', 'c', 'a/', 'a/b/', '']);
  });

  it.each(['ab', 'A-b', '-abc', 'a..b', '1.2.3.4', 'a_b'])('refuses the bucket %s', (name) => {
    expect(bucketProblem(name)).toBeDefined();
  });

  it('takes the rest', () => {
    expect(bucketProblem('wildrydes-rider-photos-000000000000')).toBeUndefined();
  });
});

describe('preview', () => {
  it.each([
    ['a', 'image/jpeg', 'picture'],
    ['a.jpg', 'binary/octet-stream', 'picture'],
    ['a.jpg', 'application/pdf', 'unknown'],
    ['a', 'application/problem+json', 'json'],
    ['a.json', '', 'json'],
    ['a.json', 'text/plain; charset=utf-8', 'json'],
    ['a.csv', 'text/csv', 'text'],
    ['a.bin', 'application/octet-stream', 'unknown'],
  ])('shows %s of type %s as %s', (key, type, kind) => {
    expect(kindOf(key, type)).toBe(kind);
  });

  it('names files in any script', () => {
    expect(attachment("写's.jpg")).toBe("attachment; filename*=UTF-8''%E5%86%99%27s.jpg");
  });
});

it.each([
  ['a.jpg', 'image/jpeg', true],
  ['a.png', 'binary/octet-stream', true],
  ['a.svg', 'image/svg+xml', false],
  ['a.png', 'image/svg+xml', false],
  ['a.webp', '', false],
])('knows whether faces can be looked for in %s, %s', (key, type, may) => {
  expect(mayShowFaces(key, type)).toBe(may);
});
