import type { CreateStateMachineInput, DescribeStateMachineOutput, LoggingConfiguration, StateMachineType, Tag } from '../aws/states';

/** What a state machine has beside its definition, as the forms hold it. */
export interface Config {
  readonly name: string;
  readonly type: StateMachineType;
  readonly roleArn: string;
  readonly level: NonNullable<LoggingConfiguration['level']>;
  readonly includeExecutionData: boolean;
  readonly logGroupArn: string;
  readonly tracing: boolean;
  readonly tags: readonly Tag[];
}

export const LEVELS = ['OFF', 'ALL', 'ERROR', 'FATAL'] as const;

export const freshConfig = (name: string, account: string): Config => ({
  name,
  type: 'STANDARD',
  roleArn: `arn:aws:iam::${account}:role/StepFunctionsRole`,
  level: 'OFF',
  includeExecutionData: false,
  logGroupArn: '',
  tracing: false,
  tags: [],
});

export function configOf(machine: DescribeStateMachineOutput, tags: readonly Tag[]): Config {
  const logging = machine.loggingConfiguration ?? {};
  return {
    name: machine.name,
    type: machine.type,
    roleArn: machine.roleArn,
    level: logging.level ?? 'OFF',
    includeExecutionData: logging.includeExecutionData ?? false,
    logGroupArn: logging.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn ?? '',
    tracing: machine.tracingConfiguration?.enabled ?? false,
    tags,
  };
}

/** What both UpdateStateMachine and CreateStateMachine take. */
export function settings({ roleArn, level, includeExecutionData, logGroupArn, tracing }: Config) {
  const destinations = logGroupArn === '' ? [] : [{ cloudWatchLogsLogGroup: { logGroupArn } }];
  return {
    roleArn,
    loggingConfiguration: { level, includeExecutionData, ...(level === 'OFF' ? {} : { destinations }) },
    tracingConfiguration: { enabled: tracing },
  };
}

export function createInput(config: Config, definition: string): CreateStateMachineInput {
  const tags = config.tags.filter(({ key }) => key !== '');
  return { name: config.name, type: config.type, definition, ...settings(config), ...(tags.length === 0 ? {} : { tags: [...tags] }) };
}

/** What TagResource and UntagResource must do to come from one set of tags to another. */
export function tagChanges(before: readonly Tag[], after: readonly Tag[]): { put: Tag[]; remove: string[] } {
  const old = new Map(before.map(({ key, value }) => [key, value]));
  const kept = new Set(after.map(({ key }) => key));
  return {
    put: after.filter(({ key, value }) => key !== '' && old.get(key) !== value),
    remove: before.map(({ key }) => key).filter((key) => !kept.has(key)),
  };
}
