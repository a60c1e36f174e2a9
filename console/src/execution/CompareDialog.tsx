import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useGo } from '../app/link';
import { errorText } from '../app/notifications';
import { useSession } from '../app/session';
import type { ExecutionListItem } from '../aws/states';
import { machineOf } from '../machines/arn';
import { useStates } from '../machines/useStates';
import { Dialog } from '../ui/Dialog';
import { timeText } from '../ui/time';
import { type Refusal, refusalOf } from './executionArn';
import { comparePlace } from './links';

interface Props {
  readonly executionArn: string;
  /** Of a child of a Map Run, which is compared with its like. */
  readonly mapRunArn: string | undefined;
  readonly onClose: () => void;
}

/** So many of the newest can be chosen; for older ones there is the ARN. */
const CHOICES = 200;

const WORDS: Readonly<Record<Exclude<Refusal, 'none'>, string>> = {
  'not-an-execution': 'This is not the ARN of an execution.',
  express: 'Express executions keep no history.',
  'other-region': 'Executions of one region can be compared.',
};

/** Asks what an execution is to be compared with. */
export function CompareDialog({ executionArn, mapRunArn, onClose }: Props) {
  const { api, key } = useStates();
  const { region } = useSession();
  const go = useGo();
  const [chosen, setChosen] = useState<string>();
  const [typed, setTyped] = useState('');
  const of = mapRunArn === undefined ? { stateMachineArn: machineOf(executionArn).arn } : { mapRunArn };
  const list = useQuery({
    queryKey: [...key, 'compare-with', of],
    queryFn: ({ signal }) => api.listExecutions({ ...of, maxResults: CHOICES }, { signal }),
  });
  const options = (list.data?.executions ?? []).filter((execution) => execution.executionArn !== executionArn).map(optionOf);
  const arn = typed.trim();
  const refusal = refusalOf(arn, region);
  const other = arn === '' ? chosen : arn;
  const compare = () => {
    if (other !== undefined) go(comparePlace(executionArn, other));
    return Promise.resolve();
  };
  return (
    <Dialog
      title="Compare with" action="Compare" onClose={onClose}
      disabled={other === undefined || (refusal !== undefined && refusal !== 'none')}
      onConfirm={compare}
    >
      <FormField label={mapRunArn === undefined ? 'An execution of the same state machine' : 'An execution of the same Map Run'}>
        <Select
          selectedOption={options.find(({ value }) => value === chosen) ?? null} options={options} placeholder="Choose an execution"
          filteringType="auto" virtualScroll empty="There is no other execution" loadingText="Loading executions" disabled={arn !== ''}
          statusType={list.isPending ? 'loading' : list.isError ? 'error' : 'finished'} errorText={list.isError ? errorText(list.error) : ''}
          onChange={({ detail }) => setChosen(detail.selectedOption.value)}
        />
      </FormField>
      <FormField label="Or any execution by its ARN" errorText={refusal === undefined || refusal === 'none' ? undefined : WORDS[refusal]}>
        <Input value={typed} placeholder="arn:aws:states:…:execution:…" autoComplete={false} spellcheck={false} onChange={({ detail }) => setTyped(detail.value)} />
      </FormField>
    </Dialog>
  );
}

function optionOf({ executionArn, name, status, startDate }: ExecutionListItem) {
  return { value: executionArn, label: name, tags: [status], description: timeText(startDate, true) };
}
