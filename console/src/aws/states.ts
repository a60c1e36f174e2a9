import type { Client } from './client';
import { callJson, type JsonService, type Options, readJsonError } from './json';
import type * as t from './states-types';

export type * from './states-types';

const STATES: JsonService = { service: 'states', targetPrefix: 'AWSStepFunctions', version: '1.0' };
/** What AWS has no operation for; see docs/own-operations.md. */
const OWN: JsonService = { ...STATES, targetPrefix: 'Canter_20261126' };

/** The events of an execution that come after the one with that id, as the server's stream of them tells. */
export function executionEvents(client: Client, executionArn: string, after: number, signal: AbortSignal): Promise<Response> {
  return stream(client, '/_canter/execution-events', { executionArn, after: String(after) }, signal);
}

/** The stream that tells when executions of a state machine have begun or ended. */
export function stateMachineEvents(client: Client, stateMachineArn: string, signal: AbortSignal): Promise<Response> {
  return stream(client, '/_canter/state-machine-events', { stateMachineArn }, signal);
}

function stream(client: Client, path: string, query: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const call = { service: 'states', operation: path, method: 'GET', path, query };
  return client.send({ ...call, signal, timeoutSeconds: STREAM_SECONDS }, readJsonError);
}

/** A stream is opened anew after a day at the latest. */
const STREAM_SECONDS = 86_400;

/** Step Functions, the operations that the console uses. */
export function states(client: Client) {
  const op =
    <Input extends object, Output>(operation: string) =>
    (input: Input, options?: Options): Promise<Output> =>
      callJson<Output>(client, STATES, operation, input, options);
  return {
    createStateMachine: op<t.CreateStateMachineInput, t.CreateStateMachineOutput>('CreateStateMachine'),
    createStateMachineAlias: op<t.CreateAliasInput, { stateMachineAliasArn: string }>('CreateStateMachineAlias'),
    deleteStateMachine: op<{ stateMachineArn: string }, object>('DeleteStateMachine'),
    deleteStateMachineAlias: op<{ stateMachineAliasArn: string }, object>('DeleteStateMachineAlias'),
    deleteStateMachineVersion: op<{ stateMachineVersionArn: string }, object>('DeleteStateMachineVersion'),
    describeExecution: op<{ executionArn: string }, t.DescribeExecutionOutput>('DescribeExecution'),
    describeMapRun: op<{ mapRunArn: string }, t.DescribeMapRunOutput>('DescribeMapRun'),
    describeStateMachine: op<{ stateMachineArn: string }, t.DescribeStateMachineOutput>('DescribeStateMachine'),
    describeStateMachineAlias: op<{ stateMachineAliasArn: string }, t.DescribeAliasOutput>('DescribeStateMachineAlias'),
    describeStateMachineForExecution: op<{ executionArn: string }, t.DescribeStateMachineForExecutionOutput>(
      'DescribeStateMachineForExecution',
    ),
    inspectState: (input: t.InspectStateInput, options?: Options) => callJson<t.InspectStateOutput>(client, OWN, 'InspectState', input, options),
    getExecutionHistory: op<t.GetExecutionHistoryInput, t.GetExecutionHistoryOutput>('GetExecutionHistory'),
    listExecutions: op<t.ListExecutionsInput, t.ListExecutionsOutput>('ListExecutions'),
    listMapRuns: op<t.Paged & { executionArn: string }, t.ListMapRunsOutput>('ListMapRuns'),
    listStateMachineAliases: op<t.Paged & { stateMachineArn: string }, t.ListAliasesOutput>('ListStateMachineAliases'),
    listStateMachines: op<t.Paged, t.ListStateMachinesOutput>('ListStateMachines'),
    listStateMachineVersions: op<t.Paged & { stateMachineArn: string }, t.ListVersionsOutput>('ListStateMachineVersions'),
    listTagsForResource: op<{ resourceArn: string }, { tags: t.Tag[] }>('ListTagsForResource'),
    publishStateMachineVersion: op<t.PublishVersionInput, { stateMachineVersionArn: string; creationDate: number }>(
      'PublishStateMachineVersion',
    ),
    searchExecutions: (input: t.SearchExecutionsInput, options?: Options) =>
      callJson<t.SearchExecutionsOutput>(client, OWN, 'SearchExecutions', input, options),
    redriveExecution: op<{ executionArn: string }, { redriveDate: number }>('RedriveExecution'),
    startExecution: op<t.StartExecutionInput, t.StartExecutionOutput>('StartExecution'),
    startSyncExecution: op<t.StartExecutionInput, t.StartSyncExecutionOutput>('StartSyncExecution'),
    stopExecution: op<t.StopExecutionInput, { stopDate: number }>('StopExecution'),
    tagResource: op<{ resourceArn: string; tags: t.Tag[] }, object>('TagResource'),
    testState: op<t.TestStateInput, t.TestStateOutput>('TestState'),
    untagResource: op<{ resourceArn: string; tagKeys: string[] }, object>('UntagResource'),
    updateMapRun: op<t.UpdateMapRunInput, object>('UpdateMapRun'),
    updateStateMachine: op<t.UpdateStateMachineInput, t.UpdateStateMachineOutput>('UpdateStateMachine'),
    updateStateMachineAlias: op<t.UpdateAliasInput, { updateDate: number }>('UpdateStateMachineAlias'),
    validateStateMachineDefinition: op<t.ValidateInput, t.ValidateOutput>('ValidateStateMachineDefinition'),
  };
}
