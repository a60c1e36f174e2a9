import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { errorText } from '../app/notifications';
import { pretty } from '../ui/json';
import { statusText } from '../ui/Status';
import { timeText } from '../ui/time';
import { useStates } from './useStates';

interface Props {
  /** A state machine of type Standard, or a version or alias of one. */
  readonly arn: string;
  readonly onInput: (text: string) => void;
}

/** So many of the newest are offered; the page of any other offers the same. */
const OFFERED = 50;

/** Takes the input of an execution that was started before. */
export function EarlierInput({ arn, onInput }: Props) {
  const { api, key } = useStates();
  const [chosen, setChosen] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const { data, error, isPending } = useQuery({
    queryKey: [...key, 'executions', arn, 'earlier'],
    queryFn: ({ signal }) => api.listExecutions({ stateMachineArn: arn, maxResults: OFFERED }, { signal }),
  });
  const options = (data?.executions ?? []).map(({ executionArn, name, status, startDate }) => ({
    value: executionArn, label: name, description: `${statusText(status)}, ${timeText(startDate)}`,
  }));
  // The one that was chosen last counts, whichever the server tells of first.
  const last = useRef<string>(undefined);
  const take = async (executionArn: string) => {
    last.current = executionArn;
    setChosen(executionArn);
    setFailure(undefined);
    try {
      const { input } = await api.describeExecution({ executionArn });
      if (last.current !== executionArn) return;
      if (input === undefined) setFailure('The server does not keep what it was given.');
      else onInput(pretty(input));
    } catch (reason) {
      if (last.current === executionArn) setFailure(errorText(reason));
    }
  };
  return (
    <FormField stretch label={<>Earlier execution <i>- optional</i></>} description="Begins with what that one was given." errorText={failure}>
      <Select
        selectedOption={options.find(({ value }) => value === chosen) ?? null}
        options={options}
        placeholder="Choose an execution"
        empty="There are none yet."
        statusType={isPending ? 'loading' : error === null ? 'finished' : 'error'}
        {...(error === null ? {} : { errorText: errorText(error) })}
        filteringType={options.length > 8 ? 'auto' : 'none'}
        onChange={({ detail }) => { if (detail.selectedOption.value !== undefined) void take(detail.selectedOption.value); }}
        expandToViewport
      />
    </FormField>
  );
}
