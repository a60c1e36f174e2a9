/**
 * Every field of every kind of object in a definition: the one table that forms and completion are made from. A test
 * compares it with the server's (`crates/asl/src/parse/rules.rs`).
 */

export type Language = 'JSONPath' | 'JSONata';

export type Tab = 'configuration' | 'input' | 'output' | 'error';

export type FieldKind =
  | 'text'
  | 'lines'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'path'
  | 'json'
  | 'errors'
  | 'texts'
  /** The name of a state in the same workflow. */
  | 'state'
  /** An object with fields of its own, or a list of such. */
  | 'object'
  | 'list'
  /** `States`, and workflows inside: drawn in the graph, not typed into forms. */
  | 'states'
  | 'workflow'
  | 'workflows';

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly help: string;
  readonly tab: Tab;
  /** The only language that has it. */
  readonly language?: Language;
  readonly options?: readonly string[];
  /** The table of an object, list or workflow. */
  readonly of?: TableName;
  /** Of fields with the same word one may be given: `Seconds`, `SecondsPath`, … */
  readonly oneOf?: string;
  /** Only Maps in Distributed mode have it. */
  readonly distributed?: true;
}

type More = Omit<Partial<Field>, 'name' | 'kind' | 'help'>;

const field = (name: string, kind: FieldKind, help: string, more: More = {}): Field => ({ name, kind, help, tab: 'configuration', ...more });
const inJsonPath = (one: Field): Field => ({ ...one, language: 'JSONPath' });
const inJsonata = (one: Field): Field => ({ ...one, language: 'JSONata' });
const object = (name: string, of: TableName, help: string, more: More = {}) => field(name, 'object', help, { of, ...more });

const COMMENT = field('Comment', 'lines', 'What this is for. It changes nothing.');
const TYPE = field('Type', 'choice', 'What kind of state this is.', {
  options: ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'],
});
const STATE_LANGUAGE = field('QueryLanguage', 'choice', 'How this state spells its expressions, where that is not the language of the whole.', {
  options: ['JSONPath', 'JSONata'],
});
const NEXT = field('Next', 'state', 'The state that follows.', { oneOf: 'Next state' });
const END = field('End', 'boolean', 'The workflow ends here.', { oneOf: 'Next state' });
const ASSIGN = field('Assign', 'json', 'Variables for the states that follow, names and values.', { tab: 'output' });
const INPUT_PATH = inJsonPath(field('InputPath', 'path', 'The part of the input that the state sees; null for none.', { tab: 'input' }));
const OUTPUT_PATH = inJsonPath(field('OutputPath', 'path', 'The part of the output that is handed on; null for none.', { tab: 'output' }));
const PARAMETERS = inJsonPath(field('Parameters', 'json', 'What is built from the input; names that end in .$ hold paths or intrinsic functions.', { tab: 'input' }));
const SELECTOR = inJsonPath(field('ResultSelector', 'json', 'What is built from the result; names that end in .$ hold paths or intrinsic functions.', { tab: 'output' }));
const RESULT_PATH = inJsonPath(field('ResultPath', 'path', 'Where the result is put into the input; null throws it away.', { tab: 'output' }));
const ARGUMENTS = inJsonata(field('Arguments', 'json', 'What is given, with {% … %} expressions inside.', { tab: 'input' }));
const OUTPUT = inJsonata(field('Output', 'json', 'What is handed on, with {% … %} expressions inside.', { tab: 'output' }));
const RETRY = field('Retry', 'list', 'What is tried again, how often and how soon. The first that names the error counts.', { tab: 'error', of: 'Retrier' });
const CATCH = field('Catch', 'list', 'Where errors lead that no retrier helps. The first that names the error counts.', { tab: 'error', of: 'Catcher' });
const ERROR_EQUALS = field('ErrorEquals', 'errors', 'Names of errors; States.ALL stands for all and must stand alone and last.');

const HEAD = [TYPE, COMMENT, STATE_LANGUAGE];
const FLOW = [NEXT, END, ASSIGN];
const IO = [INPUT_PATH, OUTPUT_PATH, OUTPUT];
const RESULT = [SELECTOR, RESULT_PATH];

const machine: Field[] = [
  COMMENT,
  field('StartAt', 'state', 'The first state.'),
  field('States', 'states', 'The states by name.'),
  field('TimeoutSeconds', 'number', 'How long an execution may run.'),
  field('Version', 'text', 'The version of the language: 1.0.', { options: ['1.0'] }),
  field('QueryLanguage', 'choice', 'How expressions are spelled: JSONata, or JSONPath where this is absent.', { options: ['JSONPath', 'JSONata'] }),
];
const branch: Field[] = [field('Comment', 'lines', 'What the workflow inside is for. It changes nothing.'), field('StartAt', 'state', 'The first state.'), field('States', 'states', 'The states by name.')];

const TABLES = {
  Machine: machine,
  Branch: branch,
  Processor: [...branch, object('ProcessorConfig', 'ProcessorConfig', 'Whether iterations run inside the execution or as executions of their own.')],
  ProcessorConfig: [
    field('Mode', 'choice', 'INLINE: in the execution itself. DISTRIBUTED: each a child execution.', { options: ['INLINE', 'DISTRIBUTED'] }),
    field('ExecutionType', 'choice', 'The type of the child executions.', { options: ['STANDARD', 'EXPRESS'], distributed: true }),
  ],
  Pass: [
    ...HEAD, ...FLOW, ...IO, PARAMETERS,
    inJsonPath(field('Result', 'json', 'The result, as it stands here.', { tab: 'output' })), RESULT_PATH,
  ],
  Task: [
    ...HEAD,
    field('Resource', 'text', 'The ARN of what is called: a function, an activity, an integration.'),
    ...FLOW,
    field('TimeoutSeconds', 'number', 'After so many seconds the task fails with States.Timeout.', { oneOf: 'Timeout' }),
    inJsonPath(field('TimeoutSecondsPath', 'path', 'Where the input has the seconds.', { oneOf: 'Timeout' })),
    field('HeartbeatSeconds', 'number', 'After so many seconds without a heartbeat the task fails with States.HeartbeatTimeout.', { oneOf: 'Heartbeat' }),
    inJsonPath(field('HeartbeatSecondsPath', 'path', 'Where the input has the seconds.', { oneOf: 'Heartbeat' })),
    field('Credentials', 'json', 'The role to call with: {"RoleArn": "…"}.'),
    ...IO, PARAMETERS, ARGUMENTS, ...RESULT, RETRY, CATCH,
  ],
  Choice: [
    ...HEAD,
    field('Choices', 'list', 'Rules, tried in order: the first that holds leads on.', { of: 'Rule' }),
    field('Default', 'state', 'Where it goes if no rule holds.'),
    ASSIGN, ...IO,
  ],
  Wait: [
    ...HEAD,
    field('Seconds', 'number', 'How long to wait.', { oneOf: 'Wait' }),
    field('Timestamp', 'text', 'Until when to wait: 2026-11-26T09:00:00Z.', { oneOf: 'Wait' }),
    inJsonPath(field('SecondsPath', 'path', 'Where the input has the seconds.', { oneOf: 'Wait' })),
    inJsonPath(field('TimestampPath', 'path', 'Where the input has the time.', { oneOf: 'Wait' })),
    ...FLOW, ...IO,
  ],
  Succeed: [...HEAD, ...IO],
  Fail: [
    ...HEAD,
    field('Error', 'text', 'The name of the error.', { oneOf: 'Error' }),
    inJsonPath(field('ErrorPath', 'path', 'Where the input has the name, or an intrinsic function.', { oneOf: 'Error' })),
    field('Cause', 'lines', 'What happened, for people.', { oneOf: 'Cause' }),
    inJsonPath(field('CausePath', 'path', 'Where the input has it, or an intrinsic function.', { oneOf: 'Cause' })),
  ],
  Parallel: [
    ...HEAD, field('Branches', 'workflows', 'Workflows that run at the same time.', { of: 'Branch' }), ...FLOW,
    ...IO, PARAMETERS, ARGUMENTS, ...RESULT, RETRY, CATCH,
  ],
  Map: [
    ...HEAD,
    field('ItemProcessor', 'workflow', 'The workflow that runs once for each item.', { of: 'Processor' }),
    field('Iterator', 'workflow', 'The former name of ItemProcessor.', { of: 'Processor' }),
    inJsonata(field('Items', 'json', 'The items: an array, or an expression that gives one.', { tab: 'input' })),
    inJsonPath(field('ItemsPath', 'path', 'Where the input has the items.', { tab: 'input' })),
    field('ItemSelector', 'json', 'The input of each iteration, built from the item ($$.Map.Item.Value, $states.context.Map.Item.Value).', { tab: 'input' }),
    object('ItemReader', 'ItemReader', 'Items from a file or a listing in S3.', { tab: 'input', distributed: true }),
    object('ItemBatcher', 'ItemBatcher', 'Several items to one child execution.', { tab: 'input', distributed: true }),
    field('MaxConcurrency', 'number', 'How many iterations at a time; 0 for as many as may be.', { oneOf: 'Concurrency' }),
    inJsonPath(field('MaxConcurrencyPath', 'path', 'Where the input has that number.', { oneOf: 'Concurrency' })),
    field('ToleratedFailureCount', 'number', 'How many items may fail.', { tab: 'error', oneOf: 'Tolerated failures' }),
    inJsonPath(field('ToleratedFailureCountPath', 'path', 'Where the input has that number.', { tab: 'error', oneOf: 'Tolerated failures' })),
    field('ToleratedFailurePercentage', 'number', 'What part of the items may fail, in percent.', { tab: 'error', oneOf: 'Tolerated failures, percent' }),
    inJsonPath(field('ToleratedFailurePercentagePath', 'path', 'Where the input has that part.', { tab: 'error', oneOf: 'Tolerated failures, percent' })),
    field('Label', 'text', 'A name in the ARN of the Map Run, at most 40 letters.', { distributed: true }),
    object('ResultWriter', 'ResultWriter', 'Results into files in S3.', { tab: 'output', distributed: true }),
    ...FLOW, ...IO, PARAMETERS, ...RESULT, RETRY, CATCH,
  ],
  Retrier: [
    ERROR_EQUALS,
    field('IntervalSeconds', 'number', 'Seconds before the first new attempt; 1 if absent.'),
    field('MaxAttempts', 'number', 'How many new attempts; 3 if absent, 0 for none.'),
    field('BackoffRate', 'number', 'By how much each wait is longer than the last; 2 if absent.'),
    field('MaxDelaySeconds', 'number', 'No wait is longer than this.'),
    field('JitterStrategy', 'choice', 'FULL spreads the waits at random.', { options: ['FULL', 'NONE'] }),
    COMMENT,
  ],
  Catcher: [
    ERROR_EQUALS,
    field('Next', 'state', 'The state that the error leads to.'),
    inJsonPath(field('ResultPath', 'path', 'Where the error is put into the input; null throws it away.')),
    inJsonata(field('Output', 'json', 'What is handed on; $states.errorOutput is the error.')),
    field('Assign', 'json', 'Variables for the states that follow.'),
    COMMENT,
  ],
  Rule: [
    inJsonata(field('Condition', 'text', 'An expression that gives true or false: {% $states.input.n > 3 %}.')),
    field('Next', 'state', 'Where it goes if this holds.'),
    field('Assign', 'json', 'Variables for the states that follow.'),
    inJsonata(field('Output', 'json', 'What is handed on if this holds.')),
    COMMENT,
  ],
  ItemReader: [
    field('Resource', 'choice', 'A file (getObject) or a listing (listObjectsV2).', {
      options: ['arn:aws:states:::s3:getObject', 'arn:aws:states:::s3:listObjectsV2'],
    }),
    inJsonPath(field('Parameters', 'json', 'Bucket and Key, or Bucket and Prefix.')),
    inJsonata(field('Arguments', 'json', 'Bucket and Key, or Bucket and Prefix.')),
    object('ReaderConfig', 'ReaderConfig', 'What kind of file it is.'),
  ],
  ReaderConfig: [
    field('InputType', 'choice', 'The format of the file.', { options: ['CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST'] }),
    field('Transformation', 'choice', 'LOAD_AND_FLATTEN reads the files of a listing.', { options: ['NONE', 'LOAD_AND_FLATTEN'] }),
    field('ManifestType', 'choice', 'Whose manifest it is.', { options: ['ATHENA_DATA', 'S3_INVENTORY'] }),
    field('CSVDelimiter', 'choice', 'What stands between the values of a line.', { options: ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'] }),
    field('CSVHeaderLocation', 'choice', 'Whether the first line names the columns.', { options: ['FIRST_ROW', 'GIVEN'] }),
    field('CSVHeaders', 'texts', 'The names of the columns, where they are GIVEN.'),
    field('ItemsPointer', 'text', 'A JSON pointer to the array in the file: /data/items.'),
    field('MaxItems', 'number', 'No more items than this.', { oneOf: 'Items' }),
    inJsonPath(field('MaxItemsPath', 'path', 'Where the input has that number.', { oneOf: 'Items' })),
  ],
  ItemBatcher: [
    field('MaxItemsPerBatch', 'number', 'So many items to a batch.', { oneOf: 'Items a batch' }),
    inJsonPath(field('MaxItemsPerBatchPath', 'path', 'Where the input has that number.', { oneOf: 'Items a batch' })),
    field('MaxInputBytesPerBatch', 'number', 'So many bytes to a batch, at most 262144.', { oneOf: 'Bytes a batch' }),
    inJsonPath(field('MaxInputBytesPerBatchPath', 'path', 'Where the input has that number.', { oneOf: 'Bytes a batch' })),
    field('BatchInput', 'json', 'What every batch is given beside its items.'),
  ],
  ResultWriter: [
    field('Resource', 'choice', 'Where results are put.', { options: ['arn:aws:states:::s3:putObject'] }),
    inJsonPath(field('Parameters', 'json', 'Bucket and Prefix.')),
    inJsonata(field('Arguments', 'json', 'Bucket and Prefix.')),
    object('WriterConfig', 'WriterConfig', 'How results are written.'),
  ],
  WriterConfig: [
    field('Transformation', 'choice', 'NONE keeps what is known of each child; COMPACT its output; FLATTEN one list.', { options: ['NONE', 'COMPACT', 'FLATTEN'] }),
    field('OutputType', 'choice', 'The format of the files.', { options: ['JSON', 'JSONL'] }),
  ],
} satisfies Record<string, readonly Field[]>;

export type TableName =
  | 'Machine' | 'Branch' | 'Processor' | 'ProcessorConfig'
  | 'Pass' | 'Task' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel' | 'Map'
  | 'Retrier' | 'Catcher' | 'Rule' | 'ItemReader' | 'ReaderConfig' | 'ItemBatcher' | 'ResultWriter' | 'WriterConfig';

export const STATE_TYPES = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;

/** All fields of a table, of both languages. */
export const fieldsOf = (table: TableName): readonly Field[] => TABLES[table];

/** The fields that an object in that language may have. */
export const fieldsIn = (table: TableName, language: Language): Field[] =>
  fieldsOf(table).filter((one) => one.language === undefined || one.language === language);

export const isStateType = (type: unknown): type is (typeof STATE_TYPES)[number] => (STATE_TYPES as readonly unknown[]).includes(type);

/** The comparisons of a JSONPath rule; each also exists with `Path` behind it where it compares with a value. */
export const COMPARISONS: readonly { name: string; kind: 'text' | 'number' | 'boolean' | 'path' | 'is' }[] = [
  ...['String', 'Numeric', 'Timestamp'].flatMap((type) =>
    ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'].flatMap((relation) => [
      { name: type + relation, kind: type === 'Numeric' ? ('number' as const) : ('text' as const) },
      { name: `${type}${relation}Path`, kind: 'path' as const },
    ]),
  ),
  { name: 'BooleanEquals', kind: 'boolean' },
  { name: 'BooleanEqualsPath', kind: 'path' },
  { name: 'StringMatches', kind: 'text' },
  ...['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'].map((name) => ({ name, kind: 'is' as const })),
];

/** Errors that states themselves raise, and the ones that Lambda asks to be retried. */
export const ERROR_NAMES = [
  'States.ALL', 'States.TaskFailed', 'States.Timeout', 'States.HeartbeatTimeout', 'States.Permissions', 'States.DataLimitExceeded',
  'States.ExceedToleratedFailureThreshold', 'States.ItemReaderFailed', 'States.ResultWriterFailed', 'States.QueryEvaluationError',
  'States.BranchFailed', 'States.NoChoiceMatched', 'States.IntrinsicFailure', 'States.ParameterPathFailure', 'States.ResultPathMatchFailure',
  'States.Runtime', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException', 'Lambda.Unknown',
] as const;

export const INTRINSICS: readonly { name: string; call: string }[] = [
  ['States.Array', 'States.Array(a, b)'], ['States.ArrayContains', 'States.ArrayContains(array, value)'],
  ['States.ArrayGetItem', 'States.ArrayGetItem(array, 0)'], ['States.ArrayLength', 'States.ArrayLength(array)'],
  ['States.ArrayPartition', 'States.ArrayPartition(array, 4)'], ['States.ArrayRange', 'States.ArrayRange(1, 9, 2)'],
  ['States.ArrayUnique', 'States.ArrayUnique(array)'], ['States.Base64Decode', 'States.Base64Decode(text)'],
  ['States.Base64Encode', 'States.Base64Encode(text)'], ['States.Format', "States.Format('{}', value)"],
  ['States.Hash', "States.Hash(value, 'SHA-256')"], ['States.JsonMerge', 'States.JsonMerge(a, b, false)'],
  ['States.JsonToString', 'States.JsonToString(value)'], ['States.MathAdd', 'States.MathAdd(a, 1)'],
  ['States.MathRandom', 'States.MathRandom(1, 100)'], ['States.StringSplit', "States.StringSplit(text, ',')"],
  ['States.StringToJson', 'States.StringToJson(text)'], ['States.UUID', 'States.UUID()'],
].map(([name = '', call = '']) => ({ name, call }));

/** What `$states` has in JSONata, and where. */
export const RESERVED: readonly { name: string; help: string }[] = [
  { name: '$states.input', help: 'the input of the state' },
  { name: '$states.result', help: 'what the task, branches or iterations gave' },
  { name: '$states.errorOutput', help: 'the error, in a catcher' },
  { name: '$states.context', help: 'the context object' },
  { name: '$states.context.Execution.Id', help: 'the ARN of the execution' },
  { name: '$states.context.Execution.Input', help: 'the input of the execution' },
  { name: '$states.context.Execution.Name', help: 'the name of the execution' },
  { name: '$states.context.Execution.StartTime', help: 'when it began' },
  { name: '$states.context.State.Name', help: 'the name of the state' },
  { name: '$states.context.State.EnteredTime', help: 'when the state was entered' },
  { name: '$states.context.State.RetryCount', help: 'how often it was tried again' },
  { name: '$states.context.StateMachine.Id', help: 'the ARN of the state machine' },
  { name: '$states.context.Task.Token', help: 'the token of a callback task' },
  { name: '$states.context.Map.Item.Value', help: 'the item of the iteration' },
  { name: '$states.context.Map.Item.Index', help: 'its number' },
  { name: '$partition', help: 'an array in pieces: $partition(array, 4)' },
  { name: '$range', help: 'numbers: $range(1, 9, 2)' },
  { name: '$hash', help: "$hash(text, 'SHA-256')" },
  { name: '$random', help: 'a number from 0 to 1: $random()' },
  { name: '$uuid', help: '$uuid()' },
  { name: '$parse', help: 'JSON text as a value: $parse(text)' },
];

/** The context object of JSONPath. */
export const CONTEXT_PATHS = RESERVED.filter(({ name }) => name.startsWith('$states.context')).map(({ name, help }) => ({
  name: name.replace('$states.context', () => '$$'),
  help,
}));
