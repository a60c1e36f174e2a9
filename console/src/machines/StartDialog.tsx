import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { at, useGo } from '../app/link';
import { notify } from '../app/notifications';
import type { StartSyncExecutionOutput, StateMachineType } from '../aws/states';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { jsonProblem } from '../ui/json';
import { JsonInput } from '../ui/JsonInput';
import { EarlierInput } from './EarlierInput';
import { nameProblem } from './names';
import { SyncResult } from './SyncResult';
import { useStates } from './useStates';

interface Props {
  /** A state machine, a version or an alias. */
  readonly machine: { readonly stateMachineArn: string; readonly type: StateMachineType };
  /** Of the execution to repeat. */
  readonly input?: string;
  readonly onClose: () => void;
}

const BLANK = '{\n  "Comment": "Insert your JSON here"\n}';

/** Starts an execution and goes to its page. */
export function StartDialog({ machine, input: first = BLANK, onClose }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  const go = useGo();
  const [name, setName] = useState('');
  const [input, setInput] = useState(first);
  const [mode, setMode] = useState(machine.type === 'EXPRESS' ? 'sync' : 'async');
  const [result, setResult] = useState<StartSyncExecutionOutput>();
  const problem = nameProblem(name) ?? (input.trim() === '' ? undefined : jsonProblem(input));
  const request = {
    stateMachineArn: machine.stateMachineArn,
    ...(name === '' ? {} : { name }),
    ...(input.trim() === '' ? {} : { input }),
  };
  const start = async () => {
    if (mode === 'sync') {
      // Express executions run at most five minutes.
      setResult(await api.startSyncExecution(request, { timeoutSeconds: 310 }));
      return 'stay';
    }
    const { executionArn } = await api.startExecution(request);
    // Lists may be long; nobody waits for them on the way to the execution.
    void queries.invalidateQueries({ queryKey: [...key, 'executions'] });
    notify.success(`Started ${executionArn.split(':').at(-1) ?? ''}`);
    go(at('executions', executionArn));
    return undefined;
  };
  return (
    <Dialog
      title="Start execution"
      action="Start execution"
      size="large"
      disabled={problem !== undefined}
      onConfirm={start}
      onClose={onClose}
      extra={<CopyCli service="stepfunctions" operation={mode === 'sync' ? 'StartSyncExecution' : 'StartExecution'} input={request} />}
    >
      {machine.type === 'EXPRESS' ? (
        <RadioGroup
          value={mode}
          onChange={({ detail }) => setMode(detail.value)}
          items={[
            { value: 'sync', label: 'Synchronous', description: 'Waits for the end and shows the result here.' },
            { value: 'async', label: 'Asynchronous', description: 'The result goes to the log group, if logging is on.' },
          ]}
        />
      ) : null}
      <FormField
        stretch
        label={<>Name <i>- optional</i></>}
        description="Up to 80 characters; drawn at random if left empty."
        errorText={nameProblem(name)}
      >
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete={false} />
      </FormField>
      {machine.type === 'EXPRESS' ? null : <EarlierInput arn={machine.stateMachineArn} onInput={setInput} />}
      <JsonInput label="Input" description="What the first state receives, as JSON." value={input} onChange={setInput} />
      {result === undefined ? null : <SyncResult result={result} />}
    </Dialog>
  );
}
