import { useQuery } from '@tanstack/react-query';
import { scope, useAws } from '../app/aws';
import type { Client } from '../aws/client';
import { callJson, callRest } from '../aws/json';
import { callS3Xml } from '../aws/s3';
import { states } from '../aws/states';
import { parseXml, readXmlError } from '../aws/xml';

/** Arguments whose values the server can list. */
export type Listed = 'FunctionName' | 'TopicArn' | 'QueueUrl' | 'TableName' | 'StateMachineArn' | 'Bucket' | 'CollectionId';

/** Which argument of a call names a thing that exists. */
const ARGUMENTS: readonly [RegExp, Listed][] = [
  [/:lambda:invoke/, 'FunctionName'],
  [/:sns:/, 'TopicArn'],
  [/:sqs:/, 'QueueUrl'],
  [/:dynamodb:/, 'TableName'],
  [/:(states|sfn):start/, 'StateMachineArn'],
  [/:s3:/, 'Bucket'],
  [/:rekognition:/, 'CollectionId'],
];

export const listedArgument = (resource: string): Listed | undefined => ARGUMENTS.find(([pattern]) => pattern.test(resource))?.[1];

/** Pages beyond these are left to typing. */
const PAGES_MAX = 10;

const LISTS: Record<Listed, (client: Client, signal: AbortSignal) => Promise<string[]>> = {
  async FunctionName(client, signal) {
    const found: string[] = [];
    let marker: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const query: Record<string, string> = marker === undefined ? {} : { Marker: marker };
      const call = { service: 'lambda', operation: 'ListFunctions', method: 'GET', path: '/2015-03-31/functions/', query, signal };
      const output = await callRest<{ Functions?: { FunctionArn: string }[]; NextMarker?: string }>(client, call);
      found.push(...(output.Functions ?? []).map(({ FunctionArn }) => `${FunctionArn}:$LATEST`));
      marker = output.NextMarker;
      if (marker === undefined || marker === '') break;
    }
    return found;
  },
  async TopicArn(client, signal) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const call = { service: 'sns', operation: 'ListTopics', headers, body: 'Action=ListTopics&Version=2010-03-31', reads: true, signal };
    const document = parseXml(await (await client.send(call, readXmlError)).text());
    return [...document.getElementsByTagName('TopicArn')].map((element) => element.textContent);
  },
  async QueueUrl(client, signal) {
    const sqs = { service: 'sqs', targetPrefix: 'AmazonSQS', version: '1.0' } as const;
    return (await callJson<{ QueueUrls?: string[] }>(client, sqs, 'ListQueues', {}, { signal })).QueueUrls ?? [];
  },
  async TableName(client, signal) {
    const dynamodb = { service: 'dynamodb', targetPrefix: 'DynamoDB_20120810', version: '1.0' } as const;
    return (await callJson<{ TableNames?: string[] }>(client, dynamodb, 'ListTables', {}, { signal })).TableNames ?? [];
  },
  async StateMachineArn(client, signal) {
    const { stateMachines } = await states(client).listStateMachines({}, { signal });
    return stateMachines.map(({ stateMachineArn }) => stateMachineArn);
  },
  async Bucket(client, signal) {
    const document = await callS3Xml(client, { operation: 'ListBuckets', method: 'GET', signal });
    return [...document.getElementsByTagName('Bucket')].map((bucket) => bucket.getElementsByTagName('Name')[0]?.textContent ?? '');
  },
  async CollectionId(client, signal) {
    const rekognition = { service: 'rekognition', targetPrefix: 'RekognitionService', version: '1.1' } as const;
    return (await callJson<{ CollectionIds?: string[] }>(client, rekognition, 'ListCollections', {}, { signal })).CollectionIds ?? [];
  },
};

/** What there is of a kind, for a form to offer; a person may always type another name. */
export function useListed(kind: Listed) {
  const client = useAws();
  return useQuery({ queryKey: [...scope(client), 'editor', kind], queryFn: ({ signal }) => LISTS[kind](client, signal), staleTime: 10_000 });
}
