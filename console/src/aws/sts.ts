import type { Client } from './client';
import type { Options } from './json';
import { parseXml, readXmlError, text } from './xml';

export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
}

export async function getCallerIdentity(client: Client, options: Options = {}): Promise<CallerIdentity> {
  const response = await client.send(
    {
      service: 'sts',
      operation: 'GetCallerIdentity',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
      reads: true,
      ...options,
    },
    readXmlError,
  );
  const document = parseXml(await response.text());
  return { account: text(document, 'Account'), arn: text(document, 'Arn'), userId: text(document, 'UserId') };
}
