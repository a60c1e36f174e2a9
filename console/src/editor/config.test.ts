import { expect, test } from 'vitest';
import { configOf, createInput, freshConfig, settings, tagChanges } from './config';

test('what is described comes back as it was', () => {
  const machine = {
    stateMachineArn: 'arn', name: 'M', definition: '{}', type: 'EXPRESS', roleArn: 'role', creationDate: 0,
    loggingConfiguration: { level: 'ALL', includeExecutionData: true, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: 'group' } }] },
    tracingConfiguration: { enabled: true },
  } as const;
  const config = configOf({ ...machine, loggingConfiguration: { ...machine.loggingConfiguration, destinations: [...machine.loggingConfiguration.destinations] } }, []);
  expect(settings(config)).toEqual({ roleArn: 'role', loggingConfiguration: machine.loggingConfiguration, tracingConfiguration: machine.tracingConfiguration });
});

test('what is created names no destination without logging, and no tags without any', () => {
  const input = createInput({ ...freshConfig('M', '000000000000'), tags: [{ key: '', value: 'x' }] }, '{}');
  expect(input).toEqual({
    name: 'M', type: 'STANDARD', definition: '{}', roleArn: 'arn:aws:iam::000000000000:role/StepFunctionsRole',
    loggingConfiguration: { level: 'OFF', includeExecutionData: false }, tracingConfiguration: { enabled: false },
  });
});

test('only the tags that differ are put and removed', () => {
  const before = [{ key: 'a', value: '1' }, { key: 'b', value: '2' }, { key: 'c', value: '3' }];
  const after = [{ key: 'a', value: '1' }, { key: 'b', value: 'x' }, { key: 'd', value: '4' }];
  expect(tagChanges(before, after)).toEqual({ put: [{ key: 'b', value: 'x' }, { key: 'd', value: '4' }], remove: ['c'] });
});
