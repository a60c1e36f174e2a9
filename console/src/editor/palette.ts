import type { Json, JsonObject } from '../graph/json';
import { serviceTitle } from '../graph/resource';
import type { Language } from './fields';

/** Something that can be put into a definition. */
export interface Item {
  readonly id: string;
  /** The name of the state, until it gets one of its own. */
  readonly title: string;
  /** What it belongs to: a service, or what it does. */
  readonly group: string;
  /** For its icon. */
  readonly type: string;
  readonly state: (language: Language) => JsonObject;
}

const LAMBDA_RETRY: Json = [
  {
    ErrorEquals: ['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException'],
    IntervalSeconds: 1,
    MaxAttempts: 3,
    BackoffRate: 2,
    JitterStrategy: 'FULL',
  },
];

/** A Task that hands its input on as the value of one argument. */
function task(resource: string, fixed: JsonObject, whole?: string, more: (language: Language) => JsonObject = () => ({})) {
  return (language: Language): JsonObject => {
    const isPath = language === 'JSONPath';
    const given: JsonObject = whole === undefined ? {} : isPath ? { [`${whole}.$`]: '$' } : { [whole]: '{% $states.input %}' };
    return { Type: 'Task', Resource: resource, [isPath ? 'Parameters' : 'Arguments']: { ...fixed, ...given }, ...more(language) };
  };
}

const integration = (service: string, action: string) => `arn:aws:states:::${service}:${action}`;

/** As Workflow Studio writes it: the answer's `Payload` is the output. */
const lambdaInvoke = task(integration('lambda', 'invoke'), { FunctionName: '' }, 'Payload', (language) => ({
  ...(language === 'JSONPath' ? { OutputPath: '$.Payload' } : { Output: '{% $states.result.Payload %}' }),
  Retry: LAMBDA_RETRY,
}));

const action = (id: string, group: string, title: string, state: Item['state']): Item => ({ id, group, title, type: 'Task', state });
const KEY: JsonObject = { Column: { S: '' } };

export const ACTIONS: readonly Item[] = [
  action('lambda:invoke', 'Lambda', 'Lambda Invoke', lambdaInvoke),
  action('sns:publish', 'SNS', 'SNS Publish', task(integration('sns', 'publish'), { TopicArn: '' }, 'Message')),
  action('sqs:sendMessage', 'SQS', 'SQS SendMessage', task(integration('sqs', 'sendMessage'), { QueueUrl: '' }, 'MessageBody')),
  action('dynamodb:getItem', 'DynamoDB', 'DynamoDB GetItem', task(integration('dynamodb', 'getItem'), { TableName: '', Key: KEY })),
  action('dynamodb:putItem', 'DynamoDB', 'DynamoDB PutItem', task(integration('dynamodb', 'putItem'), { TableName: '', Item: KEY })),
  action('dynamodb:updateItem', 'DynamoDB', 'DynamoDB UpdateItem',
    task(integration('dynamodb', 'updateItem'), { TableName: '', Key: KEY, UpdateExpression: 'SET MyKey = :myValueRef', ExpressionAttributeValues: { ':myValueRef': { S: '' } } })),
  action('dynamodb:deleteItem', 'DynamoDB', 'DynamoDB DeleteItem', task(integration('dynamodb', 'deleteItem'), { TableName: '', Key: KEY })),
  action('events:putEvents', 'EventBridge', 'EventBridge PutEvents',
    task(integration('events', 'putEvents'), { Entries: [{ Detail: { key1: 'value1' }, DetailType: 'MyDetailType', EventBusName: 'default', Source: 'my.source' }] })),
  action('states:startExecution', 'Step Functions', 'Step Functions StartExecution',
    (language) => task(integration('states', 'startExecution'), { StateMachineArn: '', Input: startInput(language) })(language)),
  action('states:startExecution.sync:2', 'Step Functions', 'Step Functions StartExecution, to its end',
    (language) => task(integration('states', 'startExecution.sync:2'), { StateMachineArn: '', Input: startInput(language) })(language)),
  action('s3:getObject', 'S3', 'S3 GetObject', task(integration('aws-sdk:s3', 'getObject'), { Bucket: '', Key: '' })),
  action('s3:putObject', 'S3', 'S3 PutObject', task(integration('aws-sdk:s3', 'putObject'), { Bucket: '', Key: '' }, 'Body')),
  action('s3:listObjectsV2', 'S3', 'S3 ListObjectsV2', task(integration('aws-sdk:s3', 'listObjectsV2'), { Bucket: '' })),
  action('s3:copyObject', 'S3', 'S3 CopyObject', task(integration('aws-sdk:s3', 'copyObject'), { Bucket: '', CopySource: '', Key: '' })),
  action('rekognition:detectFaces', 'Rekognition', 'Rekognition DetectFaces',
    task(integration('aws-sdk:rekognition', 'detectFaces'), { Attributes: ['ALL'], Image: picture() })),
  action('rekognition:searchFacesByImage', 'Rekognition', 'Rekognition SearchFacesByImage',
    task(integration('aws-sdk:rekognition', 'searchFacesByImage'), { CollectionId: '', Image: picture() })),
  action('rekognition:indexFaces', 'Rekognition', 'Rekognition IndexFaces',
    task(integration('aws-sdk:rekognition', 'indexFaces'), { CollectionId: '', Image: picture() })),
  action('activity', 'Step Functions', 'Run an activity', () => ({ Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:MyActivity' })),
  action('http:invoke', 'HTTP', 'Call HTTPS APIs',
    task(integration('http', 'invoke'), { ApiEndpoint: 'https://', Method: 'GET', Authentication: { ConnectionArn: '' } })),
];

function startInput(language: Language): JsonObject {
  return language === 'JSONPath'
    ? { 'StatePayload': 'Hello from Step Functions!', 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$': '$$.Execution.Id' }
    : { StatePayload: 'Hello from Step Functions!', AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: '{% $states.context.Execution.Id %}' };
}

function picture(): JsonObject {
  return { S3Object: { Bucket: '', Name: '' } };
}

const inner = (name: string): JsonObject => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } });
const rule = (language: Language): JsonObject =>
  language === 'JSONPath' ? { Variable: '$.value', NumericGreaterThan: 0, Next: '' } : { Condition: '{% $states.input.value > 0 %}', Next: '' };

const flow = (type: string, state: (language: Language) => JsonObject): Item => ({
  id: type, title: type, group: 'Flow', type, state: (language) => ({ Type: type, ...state(language) }),
});

export const FLOW: readonly Item[] = [
  flow('Choice', (language) => ({ Choices: [rule(language)] })),
  flow('Parallel', () => ({ Branches: [{}, {}] })),
  flow('Map', () => ({ ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Pass', States: { Pass: { Type: 'Pass', End: true } } } })),
  flow('Pass', () => ({})),
  flow('Wait', () => ({ Seconds: 5 })),
  flow('Succeed', () => ({})),
  flow('Fail', () => ({ Error: 'MyError', Cause: '' })),
];

const pattern = (id: string, title: string, type: string, state: Item['state']): Item => ({ id, title, group: 'Patterns', type, state });

const wait = (language: Language) =>
  language === 'JSONPath' ? { 'taskToken.$': '$$.Task.Token', 'input.$': '$' } : { taskToken: '{% $states.context.Task.Token %}', input: '{% $states.input %}' };

export const PATTERNS: readonly Item[] = [
  pattern('s3-csv', 'Process CSV file in S3', 'Map', (language) => distributed(language, { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'getObject', { Bucket: '', Key: '' })),
  pattern('s3-json', 'Process JSON file in S3', 'Map', (language) => distributed(language, { InputType: 'JSON' }, 'getObject', { Bucket: '', Key: '' })),
  pattern('s3-objects', 'Process S3 objects', 'Map', (language) => distributed(language, undefined, 'listObjectsV2', { Bucket: '', Prefix: '' })),
  pattern('callback', 'Wait for a callback', 'Task', (language) => ({
    Type: 'Task',
    Resource: integration('sqs', 'sendMessage.waitForTaskToken'),
    [language === 'JSONPath' ? 'Parameters' : 'Arguments']: { QueueUrl: '', MessageBody: wait(language) },
    HeartbeatSeconds: 3600,
  })),
  pattern('random-wait', 'Poll until done', 'Parallel', (language) => ({
    Type: 'Parallel',
    Branches: [
      {
        StartAt: 'Get status',
        States: {
          'Get status': { ...lambdaInvoke(language), Next: 'Done?' },
          'Done?': {
            Type: 'Choice',
            Choices: [language === 'JSONPath' ? { Variable: '$.status', StringEquals: 'SUCCEEDED', Next: 'Ready' } : { Condition: "{% $states.input.status = 'SUCCEEDED' %}", Next: 'Ready' }],
            Default: 'Wait to poll',
          },
          'Wait to poll': { Type: 'Wait', Seconds: 10, Next: 'Get status' },
          Ready: { Type: 'Succeed' },
        },
      },
    ],
  })),
  pattern('fan-out', 'Two functions in parallel', 'Parallel', (language) => ({
    Type: 'Parallel',
    Branches: ['First function', 'Second function'].map((name) => ({ StartAt: name, States: { [name]: { ...lambdaInvoke(language), End: true } } })),
  })),
  pattern('map-lambda', 'A function for each item', 'Map', (language) => ({
    Type: 'Map',
    ...(language === 'JSONPath' ? { ItemsPath: '$.items' } : { Items: '{% $states.input.items %}' }),
    MaxConcurrency: 10,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Process item', States: { 'Process item': { ...lambdaInvoke(language), End: true } } },
  })),
  pattern('try', 'Try, and tell of failure', 'Parallel', (language) => ({
    Type: 'Parallel',
    Branches: [
      {
        StartAt: 'Try',
        States: {
          Try: { ...lambdaInvoke(language), Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Tell' }], End: true },
          Tell: { ...task(integration('sns', 'publish'), { TopicArn: '' }, 'Message')(language), End: true },
        },
      },
    ],
  })),
];

function distributed(language: Language, config: JsonObject | undefined, call: string, given: JsonObject): JsonObject {
  const args = language === 'JSONPath' ? 'Parameters' : 'Arguments';
  return {
    Type: 'Map',
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...inner('Process item') },
    ItemReader: { Resource: integration('s3', call), ...(config === undefined ? {} : { ReaderConfig: config }), [args]: given },
    MaxConcurrency: 1000,
    Label: 'ProcessItems',
    ResultWriter: { Resource: integration('s3', 'putObject'), [args]: { Bucket: '', Prefix: 'results' } },
  };
}

/** The operations of services by their name in `aws-sdk` integrations, with the members that they need. */
export type SdkActions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** So many are shown at once; more words find the rest. */
const FOUND_MAX = 60;

/** Calls of any service: those whose words all occur, and the one that is spelled out, `athena:listDatabases`. */
export function sdkItems(query: string, sdk: SdkActions): Item[] {
  const words = query.toLowerCase().split(/[\s:]+/).filter((word) => word !== '');
  if (words.length === 0) return [];
  const found: Item[] = [];
  for (const [service, operations] of Object.entries(sdk)) {
    for (const [operation, required] of Object.entries(operations)) {
      const text = `${service} ${serviceTitle(service)} ${operation}`.toLowerCase();
      if (words.every((word) => text.includes(word))) found.push(sdkItem(service, operation, required));
    }
  }
  const spelled = /^([a-z0-9]+):([a-z]\w+)$/i.exec(query.trim());
  const [, service = '', name = ''] = spelled ?? [];
  if (spelled !== null && sdk[service.toLowerCase()] === undefined) found.unshift(sdkItem(service.toLowerCase(), name.charAt(0).toUpperCase() + name.slice(1), []));
  return found.slice(0, FOUND_MAX);
}

function sdkItem(service: string, operation: string, required: readonly string[]): Item {
  const given = Object.fromEntries(required.map((member) => [member, '']));
  const name = operation.charAt(0).toLowerCase() + operation.slice(1);
  return action(`aws-sdk:${service}:${name}`, serviceTitle(service), `${serviceTitle(service)} ${operation}`, task(integration(`aws-sdk:${service}`, name), given));
}

/** Those of a list whose words all occur. */
export function searched(items: readonly Item[], query: string): Item[] {
  const words = query.toLowerCase().split(/[\s:]+/).filter((word) => word !== '');
  return items.filter(({ title, group, id }) => words.every((word) => `${group} ${title} ${id}`.toLowerCase().includes(word)));
}
