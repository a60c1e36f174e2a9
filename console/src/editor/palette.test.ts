import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modelOf } from '../graph/model';
import { changed } from './change';
import { fieldsIn, fieldsOf, isStateType, type Language } from './fields';
import { insert } from './operations';
import { ACTIONS, FLOW, PATTERNS, searched, type SdkActions, sdkItems } from './palette';
import sdkActions from './sdk-actions.json';

/** The server's models by their name in `aws-sdk` integrations (crates/aws/src/model/catalogue.rs). */
const MODELS: Record<string, string> = {
  cloudformation: 'cloudformation', cloudwatch: 'cloudwatch', cloudwatchlogs: 'logs', dynamodb: 'dynamodb', eventbridge: 'events', iam: 'iam', kms: 'kms',
  lambda: 'lambda', rekognition: 'rekognition', s3: 's3', sfn: 'states', sns: 'sns', sqs: 'sqs', sts: 'sts',
};

interface Model {
  operations: Record<string, { input?: { shape: string } }>;
  shapes: Record<string, { required?: string[] }>;
}

test('the actions found by search are those of the server', async () => {
  const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
  const lines = Object.entries(MODELS).map(([service, file]) => {
    const model = JSON.parse(readFileSync(new URL(`../../../crates/aws/models/${file}.json`, import.meta.url), 'utf8')) as Model;
    const operations = Object.entries(model.operations).map(([name, { input }]) => [name, (model.shapes[input?.shape ?? '']?.required ?? []).map(capital)]);
    return `"${service}": ${JSON.stringify(Object.fromEntries(operations))}`;
  });
  await expect(`{\n${lines.join(',\n')}\n}\n`).toMatchFileSnapshot('./sdk-actions.json');
});

test.each<Language>(['JSONPath', 'JSONata'])('what can be dropped has only fields that its type has: %s', (language) => {
  for (const { id, state } of [...ACTIONS, ...FLOW, ...PATTERNS]) {
    const [start] = modelOf({}).root.edges;
    if (start === undefined) throw new Error('nothing can be dropped into an empty definition');
    const definition = changed({}, insert({}, { kind: 'edge', edge: start }, id, state(language)).changes);
    expect([...modelOf(definition).nodes.values()].filter(({ kind }) => kind === 'missing')).toEqual([]);
    const { Type } = state(language);
    if (!isStateType(Type)) throw new Error(`${id} is no state`);
    const known = new Set(fieldsIn(Type, language).map(({ name }) => name));
    expect(Object.keys(state(language)).filter((name) => !known.has(name))).toEqual([]);
  }
});

test('Lambda Invoke is what Workflow Studio makes', () => {
  expect(ACTIONS.find(({ id }) => id === 'lambda:invoke')?.state('JSONPath')).toMatchObject({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    OutputPath: '$.Payload',
    Parameters: { 'Payload.$': '$', FunctionName: '' },
    Retry: [{ IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2, JitterStrategy: 'FULL' }],
  });
});

test('any call of a service is found by its words, and one that nobody knows by its name', () => {
  const sdk = sdkActions as SdkActions;
  expect(sdkItems('s3 copyobj', sdk).map(({ id }) => id)).toEqual(['aws-sdk:s3:copyObject']);
  expect(sdkItems('s3:copyObject', sdk)[0]?.state('JSONata')).toEqual({
    Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:s3:copyObject', Arguments: { Bucket: '', CopySource: '', Key: '' },
  });
  expect(sdkItems('athena:listDatabases', sdk)[0]?.state('JSONPath').Resource).toBe('arn:aws:states:::aws-sdk:athena:listDatabases');
  expect(sdkItems('', sdk)).toEqual([]);
  expect(searched(FLOW, 'para').map(({ id }) => id)).toEqual(['Parallel']);
});

test('every kind of state can be dropped', () => {
  expect([...FLOW.map(({ type }) => type), 'Task'].sort()).toEqual([...(fieldsOf('Task').find(({ name }) => name === 'Type')?.options ?? [])].sort());
});
