import type { Json } from '../graph/json';
import riderPhoto from '../../../examples/rider-photo/state-machine.asl.json?raw';

/** A definition to begin with. */
export interface Template {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly text: string;
}

const json = (value: Json) => `${JSON.stringify(value, null, 2)}\n`;

const HELLO: Json = {
  Comment: 'A Hello World example of the Amazon States Language using Pass states',
  QueryLanguage: 'JSONata',
  StartAt: 'Hello',
  States: {
    Hello: { Type: 'Pass', Output: { greeting: "{% 'Hello, ' & ($exists($states.input.name) ? $states.input.name : 'World') & '!' %}" }, Next: 'World' },
    World: { Type: 'Succeed' },
  },
};

const PARALLEL: Json = {
  Comment: 'Two branches at the same time',
  StartAt: 'Look up customer',
  States: {
    'Look up customer': {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Look up address', States: { 'Look up address': { Type: 'Pass', Result: { street: '123 Any Street', city: 'Anytown' }, End: true } } },
        { StartAt: 'Look up phone', States: { 'Look up phone': { Type: 'Pass', Result: { phone: '555-0100' }, End: true } } },
      ],
      ResultPath: '$.customer',
      End: true,
    },
  },
};

const MAP: Json = {
  Comment: 'A workflow for each item of a list: start it with {"orders": [{"item": "book", "quantity": 2}]}',
  QueryLanguage: 'JSONata',
  StartAt: 'Each order',
  States: {
    'Each order': {
      Type: 'Map',
      Items: '{% $states.input.orders %}',
      MaxConcurrency: 5,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'Check quantity',
        States: {
          'Check quantity': { Type: 'Choice', Choices: [{ Condition: '{% $states.input.quantity > 0 %}', Next: 'Pack' }], Default: 'Nothing to pack' },
          Pack: { Type: 'Pass', Output: { packed: "{% $string($states.input.quantity) & ' × ' & $states.input.item %}" }, End: true },
          'Nothing to pack': { Type: 'Pass', Output: { packed: null }, End: true },
        },
      },
      End: true,
    },
  },
};

const CHOICE: Json = {
  Comment: 'Branches by what the input says: start it with {"amount": 120}',
  StartAt: 'How much?',
  States: {
    'How much?': {
      Type: 'Choice',
      Choices: [
        { And: [{ Variable: '$.amount', IsPresent: true }, { Variable: '$.amount', NumericGreaterThanEquals: 1000 }], Next: 'Ask a person' },
        { And: [{ Variable: '$.amount', IsPresent: true }, { Variable: '$.amount', NumericGreaterThan: 0 }], Next: 'Approve' },
      ],
      Default: 'Refuse',
    },
    'Ask a person': { Type: 'Wait', Seconds: 5, Next: 'Approve' },
    Approve: { Type: 'Succeed' },
    Refuse: { Type: 'Fail', Error: 'InvalidAmount', Cause: 'There is no amount, or it is not above 0.' },
  },
};

const CALLBACK: Json = {
  Comment: 'Waits until somebody calls SendTaskSuccess or SendTaskFailure with the token in the message',
  StartAt: 'Ask and wait',
  States: {
    'Ask and wait': {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'http://127.0.0.1:4566/000000000000/approvals', MessageBody: { 'request.$': '$', 'taskToken.$': '$$.Task.Token' } },
      HeartbeatSeconds: 3600,
      Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Nobody answered' }],
      Next: 'Answered',
    },
    Answered: { Type: 'Succeed' },
    'Nobody answered': { Type: 'Fail', Error: 'NobodyAnswered', Cause: 'No answer came within an hour.' },
  },
};

/** The functions under the names that `deploy.sh` gives them, for the caller's account and region. */
export const settled = (text: string, region: string, account: string): string =>
  text.replaceAll(/REPLACE_WITH_(\w+)FunctionArn/g, `arn:aws:lambda:${region}:${account}:function:$1`);

export const TEMPLATES: readonly Template[] = [
  { id: 'blank', title: 'Blank', about: 'An empty canvas.', text: '{}\n' },
  { id: 'hello', title: 'Hello world', about: 'Two states and a JSONata expression.', text: json(HELLO) },
  { id: 'choice', title: 'Choice', about: 'Branches by what the input says.', text: json(CHOICE) },
  { id: 'parallel', title: 'Parallel', about: 'Two branches at the same time.', text: json(PARALLEL) },
  { id: 'map', title: 'Map', about: 'A workflow for each item of a list.', text: json(MAP) },
  { id: 'callback', title: 'Callback', about: 'A message with a token, and a wait for the answer.', text: json(CALLBACK) },
  { id: 'rider-photo', title: 'Rider photo', about: 'Detect a face, refuse doubles, index and thumbnail in parallel, keep the rest.', text: riderPhoto },
];
