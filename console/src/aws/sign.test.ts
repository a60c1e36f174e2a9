import { describe, expect, it } from 'vitest';
import { presignedQuery, signedHeaders } from './sign';

describe('signedHeaders', () => {
  // AWS's test suite for Signature Version 4: `get-vanilla` and `post-x-www-form-urlencoded`.
  const scope = {
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
    region: 'us-east-1',
    service: 'service',
    at: new Date('2015-08-30T12:36:00Z'),
  };
  const request = { host: 'example.amazonaws.com', path: '/', query: {}, headers: {} };

  it('signs as AWS does', async () => {
    const headers = await signedHeaders({ ...request, method: 'GET' }, scope);
    expect(headers['authorization']).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, ' +
        'Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    );
    expect(headers['x-amz-date']).toBe('20150830T123600Z');
  });

  it('signs the body', async () => {
    const headers = await signedHeaders(
      { ...request, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'Param1=value1' },
      scope,
    );
    expect(headers['authorization']).toContain('ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a');
  });

  it('leaves the host to the browser', async () => {
    expect(await signedHeaders({ ...request, method: 'GET' }, scope)).not.toHaveProperty('host');
  });

  it('sends the token of temporary credentials', async () => {
    const credentials = { ...scope.credentials, sessionToken: 'a token' };
    const headers = await signedHeaders({ ...request, method: 'GET' }, { ...scope, credentials });
    expect(headers['x-amz-security-token']).toBe('a token');
    expect(headers['authorization']).toContain('x-amz-security-token');
  });
});

describe('presignedQuery', () => {
  // The example of "Authenticating Requests: Using Query Parameters" in the Amazon S3 API reference.
  it('signs a link as AWS does', async () => {
    const query = await presignedQuery(
      { method: 'GET', host: 'examplebucket.s3.amazonaws.com', path: '/test.txt', query: {}, headers: {} },
      {
        credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
        region: 'us-east-1',
        service: 's3',
        at: new Date('2013-05-24T00:00:00Z'),
      },
      86_400,
    );
    expect(query['X-Amz-Signature']).toBe('aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
  });
});
