import { asObject, asText, type JsonObject } from './json';

const SERVICES: Record<string, string> = {
  apigateway: 'API Gateway',
  athena: 'Athena',
  batch: 'Batch',
  bedrock: 'Bedrock',
  codebuild: 'CodeBuild',
  dynamodb: 'DynamoDB',
  ecs: 'ECS',
  eventbridge: 'EventBridge',
  events: 'EventBridge',
  glue: 'Glue',
  http: 'HTTP',
  lambda: 'Lambda',
  rekognition: 'Rekognition',
  s3: 'S3',
  sagemaker: 'SageMaker',
  sfn: 'Step Functions',
  sns: 'SNS',
  sqs: 'SQS',
  states: 'Step Functions',
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The service and the action as people call them. */
export const serviceTitle = (service: string) => SERVICES[service] ?? capital(service);

/** What a Task calls, for the second line of its node: `DynamoDB: PutItem`, `Lambda: Invoke`. */
export function taskLabel(state: JsonObject): string | undefined {
  const resource = asText(state.Resource);
  if (resource === undefined || resource === '') return undefined;
  const integration = /^arn:[^:]*:states:[^:]*:[^:]*:(aws-sdk:)?([^:]+):([^.]+)(\..*)?$/.exec(resource);
  if (integration !== null && integration[2] !== 'activity') {
    const [, , service = '', action = '', pattern = ''] = integration;
    return `${serviceTitle(service)}: ${capital(action)}${pattern}${functionOf(state)}`;
  }
  const activity = /:activity:(.+)$/.exec(resource)?.[1];
  if (activity !== undefined) return `Activity: ${activity}`;
  const fn = /:function:([^:]+)/.exec(resource)?.[1];
  return fn === undefined ? resource : `Lambda: ${fn}`;
}

function functionOf(state: JsonObject): string {
  const given = asText(asObject(state.Arguments ?? state.Parameters).FunctionName);
  const name = /:function:([^:]+)/.exec(given ?? '')?.[1];
  return name === undefined ? '' : ` ${name}`;
}
