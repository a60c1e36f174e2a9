// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { Client } from './client';
import { pathOf } from './s3';
import { getCallerIdentity } from './sts';
import { readXmlError } from './xml';

describe('readXmlError', () => {
  it.each([
    '<Error><Code>NoSuchBucket</Code><Message>It &lt;is&gt; not</Message></Error>',
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>NoSuchBucket</Code><Message>It &lt;is&gt; not</Message></Error></ErrorResponse>',
  ])('reads %s', (text) => {
    expect(readXmlError(new Response(text, { status: 404 }), text)).toEqual({ code: 'NoSuchBucket', message: 'It <is> not' });
  });

  it('names an answer without a body by its status', () => {
    expect(readXmlError(new Response(null, { status: 404 }), '')).toEqual({ code: 'NotFound', message: '' });
  });
});

describe('pathOf', () => {
  it('keeps slashes and encodes the rest', () => {
    expect(pathOf({ bucket: 'b', key: 'a b/ü+(1).jpg' })).toBe('/b/a%20b/%C3%BC%2B%281%29.jpg');
    expect(pathOf({ bucket: 'b' })).toBe('/b');
    expect(pathOf({})).toBe('/');
  });
});

it('reads who the caller is', async () => {
  const answer =
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:root</Arn><UserId>u</UserId><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';
  const session = { endpoint: 'http://h/', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const client = new Client(session, undefined, () => Promise.resolve(new Response(answer)));
  expect(await getCallerIdentity(client)).toEqual({ account: '000000000000', arn: 'arn:aws:iam::000000000000:root', userId: 'u' });
});
