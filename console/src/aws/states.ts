import type { Client } from './client';
import { callJson, type JsonService, type Options } from './json';
import type * as t from './states-types';

export type * from './states-types';

const STATES: JsonService = { service: 'states', targetPrefix: 'AWSStepFunctions', version: '1.0' };

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
    redriveExecution: op<{ executionArn: string }, { redriveDate: number }>('RedriveExecution'),
    startExecution: op<t.StartExecutionInput, t.StartExecutionOutput>('StartExecution'),
    startSyncExecution: op<t.StartExecutionInput, t.StartSyncExecutionOutput>('StartSyncExecution'),
    stopExecution: op<t.StopExecutionInput, { stopDate: number }>('StopExecution'),
    tagResource: op<{ resourceArn: string; tags: t.Tag[] }, object>('TagResource'),
    testState: op<t.TestStateInput, t.TestStateOutput>('TestState'),
    untagResource: op<{ resourceArn: string; tagKeys: string[] }, object>('UntagResource'),
    updateStateMachine: op<t.UpdateStateMachineInput, t.UpdateStateMachineOutput>('UpdateStateMachine'),
    updateStateMachineAlias: op<t.UpdateAliasInput, { updateDate: number }>('UpdateStateMachineAlias'),
    validateStateMachineDefinition: op<t.ValidateInput, t.ValidateOutput>('ValidateStateMachineDefinition'),
  };
}
