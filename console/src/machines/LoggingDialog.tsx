import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { notify } from '../app/notifications';
import type { DescribeStateMachineOutput, LoggingConfiguration } from '../aws/states';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { useStates } from './useStates';

interface Props {
  readonly machine: DescribeStateMachineOutput;
  readonly onClose: () => void;
}

type Level = NonNullable<LoggingConfiguration['level']>;

const LEVELS: readonly (readonly [Level, string])[] = [
  ['OFF', 'Nothing'],
  ['FATAL', 'Failed executions'],
  ['ERROR', 'Errors'],
  ['ALL', 'Every event'],
];

export function LoggingDialog({ machine, onClose }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  const before = machine.loggingConfiguration;
  const [level, setLevel] = useState<Level>(before?.level ?? 'OFF');
  const [group, setGroup] = useState(before?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn ?? '');
  const [includeExecutionData, setInclude] = useState(before?.includeExecutionData ?? false);
  const destinations = group.trim() === '' ? [] : [{ cloudWatchLogsLogGroup: { logGroupArn: group.trim() } }];
  const input = {
    stateMachineArn: machine.stateMachineArn,
    loggingConfiguration: level === 'OFF' ? { level } : { level, includeExecutionData, destinations },
  };
  const save = async () => {
    await api.updateStateMachine(input);
    await queries.invalidateQueries({ queryKey: [...key, 'machine', machine.stateMachineArn] });
    notify.success('Changed the logging');
  };
  const options = LEVELS.map(([value, description]) => ({ value, label: value, description }));
  return (
    <Dialog
      title="Edit logging"
      action="Save"
      disabled={level !== 'OFF' && destinations.length === 0}
      onConfirm={save}
      onClose={onClose}
      extra={<CopyCli service="stepfunctions" operation="UpdateStateMachine" input={input} />}
    >
      <FormField label="Level">
        <Select
          selectedOption={options.find(({ value }) => value === level) ?? null}
          options={options}
          onChange={({ detail }) => setLevel(detail.selectedOption.value as Level)}
        />
      </FormField>
      {level === 'OFF' ? null : (
        <>
          <FormField label="Log group ARN" constraintText="arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*">
            <Input value={group} onChange={({ detail }) => setGroup(detail.value)} />
          </FormField>
          <Checkbox checked={includeExecutionData} onChange={({ detail }) => setInclude(detail.checked)}>
            Include execution data
          </Checkbox>
        </>
      )}
    </Dialog>
  );
}
