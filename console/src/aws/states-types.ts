/** Instants are seconds since 1970, with a fraction. */
export type Timestamp = number;

export type StateMachineType = 'STANDARD' | 'EXPRESS';
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';

export interface Paged {
  maxResults?: number;
  nextToken?: string | undefined;
}

export interface Tag {
  key: string;
  value: string;
}

export interface LoggingConfiguration {
  level?: 'ALL' | 'ERROR' | 'FATAL' | 'OFF';
  includeExecutionData?: boolean;
  destinations?: { cloudWatchLogsLogGroup?: { logGroupArn?: string } }[];
}

export interface StateMachineListItem {
  stateMachineArn: string;
  name: string;
  type: StateMachineType;
  creationDate: Timestamp;
}

export interface ListStateMachinesOutput {
  stateMachines: StateMachineListItem[];
  nextToken?: string;
}

export interface DescribeStateMachineOutput {
  stateMachineArn: string;
  name: string;
  status?: 'ACTIVE' | 'DELETING';
  definition: string;
  roleArn: string;
  type: StateMachineType;
  creationDate: Timestamp;
  loggingConfiguration?: LoggingConfiguration;
  tracingConfiguration?: { enabled?: boolean };
  /** Of a Map Run's own state machine. */
  label?: string;
  revisionId?: string;
  description?: string;
  variableReferences?: Record<string, string[]>;
}

export interface DescribeStateMachineForExecutionOutput {
  stateMachineArn: string;
  name: string;
  definition: string;
  roleArn: string;
  updateDate: Timestamp;
  loggingConfiguration?: LoggingConfiguration;
  tracingConfiguration?: { enabled?: boolean };
  mapRunArn?: string;
  label?: string;
  revisionId?: string;
}

interface Definable {
  definition?: string;
  roleArn?: string;
  loggingConfiguration?: LoggingConfiguration;
  tracingConfiguration?: { enabled?: boolean };
  publish?: boolean;
  versionDescription?: string;
}

export interface CreateStateMachineInput extends Definable {
  name: string;
  definition: string;
  roleArn: string;
  type?: StateMachineType;
  tags?: Tag[];
}

export interface CreateStateMachineOutput {
  stateMachineArn: string;
  creationDate: Timestamp;
  stateMachineVersionArn?: string;
}

export interface UpdateStateMachineInput extends Definable {
  stateMachineArn: string;
}

export interface UpdateStateMachineOutput {
  updateDate: Timestamp;
  revisionId?: string;
  stateMachineVersionArn?: string;
}

export interface ValidateInput {
  definition: string;
  type?: StateMachineType;
  severity?: 'ERROR' | 'WARNING';
  maxResults?: number;
}

export interface ValidateOutput {
  result: 'OK' | 'FAIL';
  diagnostics: Diagnostic[];
  truncated?: boolean;
}

export interface Diagnostic {
  severity: 'ERROR' | 'WARNING';
  code: string;
  message: string;
  /** A JSON pointer into the definition. */
  location?: string;
}

export interface ListVersionsOutput {
  stateMachineVersions: { stateMachineVersionArn: string; creationDate: Timestamp }[];
  nextToken?: string;
}

export interface PublishVersionInput {
  stateMachineArn: string;
  revisionId?: string;
  description?: string;
}

export interface Route {
  stateMachineVersionArn: string;
  /** Percent. */
  weight: number;
}

export interface ListAliasesOutput {
  stateMachineAliases: { stateMachineAliasArn: string; creationDate: Timestamp }[];
  nextToken?: string;
}

export interface DescribeAliasOutput {
  stateMachineAliasArn: string;
  name: string;
  description?: string;
  routingConfiguration: Route[];
  creationDate: Timestamp;
  updateDate: Timestamp;
}

export interface CreateAliasInput {
  name: string;
  description?: string;
  routingConfiguration: Route[];
}

export interface UpdateAliasInput {
  stateMachineAliasArn: string;
  description?: string;
  routingConfiguration?: Route[];
}

export interface ExecutionListItem {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: ExecutionStatus;
  startDate: Timestamp;
  stopDate?: Timestamp;
  mapRunArn?: string;
  itemCount?: number;
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
  redriveCount?: number;
  redriveDate?: Timestamp;
}

export interface ListExecutionsInput extends Paged {
  stateMachineArn?: string;
  mapRunArn?: string;
  statusFilter?: ExecutionStatus;
  redriveFilter?: 'REDRIVEN' | 'NOT_REDRIVEN';
}

export interface ListExecutionsOutput {
  executions: ExecutionListItem[];
  nextToken?: string;
}

/** See docs/own-operations.md. */
export interface SearchExecutionsInput extends Paged {
  stateMachineArn: string;
  statusFilter?: ExecutionStatus;
  nameContains?: string;
  /** In the error or its cause. */
  errorContains?: string;
  startedAfter?: Timestamp;
  startedBefore?: Timestamp;
}

export interface SearchExecutionsOutput {
  executions: (ExecutionListItem & { error?: string })[];
  nextToken?: string;
}

export interface DescribeExecutionOutput extends ExecutionListItem {
  input?: string;
  output?: string;
  error?: string;
  cause?: string;
  traceHeader?: string;
  redriveStatus?: 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN';
  redriveStatusReason?: string;
}

export interface StartExecutionInput {
  stateMachineArn: string;
  name?: string;
  input?: string;
  traceHeader?: string;
}

export interface StartExecutionOutput {
  executionArn: string;
  startDate: Timestamp;
}

export interface StartSyncExecutionOutput extends StartExecutionOutput {
  stopDate: Timestamp;
  status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  name?: string;
  input?: string;
  output?: string;
  error?: string;
  cause?: string;
  billingDetails?: { billedMemoryUsedInMB?: number; billedDurationInMilliseconds?: number };
}

export interface StopExecutionInput {
  executionArn: string;
  error?: string;
  cause?: string;
}

export interface GetExecutionHistoryInput extends Paged {
  executionArn: string;
  reverseOrder?: boolean;
  includeExecutionData?: boolean;
}

export interface GetExecutionHistoryOutput {
  events: HistoryEvent[];
  nextToken?: string;
}

/** One of 62 types; what it tells beyond these stands in one member named after the type (`stateEnteredEventDetails`). */
export interface HistoryEvent {
  id: number;
  previousEventId?: number;
  timestamp: Timestamp;
  type: string;
  stateEnteredEventDetails?: { name: string; input?: string };
  stateExitedEventDetails?: {
    name: string;
    output?: string;
    assignedVariables?: Record<string, string>;
  };
  [details: `${string}EventDetails`]: Record<string, unknown> | undefined;
}

export interface ListMapRunsOutput {
  mapRuns: {
    executionArn: string;
    mapRunArn: string;
    stateMachineArn: string;
    startDate: Timestamp;
    stopDate?: Timestamp;
  }[];
  nextToken?: string;
}

export interface DescribeMapRunOutput {
  mapRunArn: string;
  executionArn: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  startDate: Timestamp;
  stopDate?: Timestamp;
  maxConcurrency: number;
  toleratedFailurePercentage: number;
  toleratedFailureCount: number;
  itemCounts: MapRunCounts;
  executionCounts: MapRunCounts;
  redriveCount?: number;
  redriveDate?: Timestamp;
}

/** What is absent stays as it is. */
export interface UpdateMapRunInput {
  mapRunArn: string;
  /** 0 is no bound of its own. */
  maxConcurrency?: number;
  toleratedFailureCount?: number;
  toleratedFailurePercentage?: number;
}

export interface MapRunCounts {
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  total: number;
  resultsWritten: number;
  failuresNotRedrivable?: number;
  pendingRedrive?: number;
}

export interface TestStateInput {
  definition: string;
  roleArn?: string;
  input?: string;
  inspectionLevel?: 'INFO' | 'DEBUG' | 'TRACE';
  revealSecrets?: boolean;
  variables?: string;
  stateName?: string;
  context?: string;
}

export interface TestStateOutput {
  status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  output?: string;
  error?: string;
  cause?: string;
  nextState?: string;
  inspectionData?: Record<string, unknown>;
}

export interface InspectStateInput {
  executionArn: string;
  /** Of the event with which the state was entered. */
  eventId: number;
}

export interface InspectStateOutput {
  executionArn: string;
  eventId: number;
  stateName: string;
  stateType: string;
  status: 'RUNNING' | 'RETRIABLE' | 'SUCCEEDED' | 'CAUGHT_ERROR' | 'FAILED' | 'ABORTED';
  input?: string;
  output?: string;
  nextState?: string;
  context?: string;
  variablesBefore?: string;
  variablesAfter?: string;
  inspectionData?: InspectionData;
  notRecomputed?: { member: string; reason: string }[];
}

/** The stages of a state's data, each JSON as text; there are those that the state has and has come to. */
export interface InspectionData {
  input?: string;
  afterInputPath?: string;
  afterParameters?: string;
  afterArguments?: string;
  afterItemsPath?: string;
  afterItemSelector?: string;
  result?: string;
  afterResultSelector?: string;
  afterResultPath?: string;
  maxConcurrency?: number;
  toleratedFailureCount?: number;
  toleratedFailurePercentage?: number;
  choiceIndex?: number;
  errorDetails?: { catchIndex?: number; retryIndex?: number; retryBackoffIntervalSeconds?: number };
}
