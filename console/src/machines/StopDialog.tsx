import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Textarea from '@cloudscape-design/components/textarea';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { notify } from '../app/notifications';
import { CopyCliAll } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { useStates } from './useStates';

interface Props {
  readonly executions: readonly { readonly executionArn: string; readonly name: string }[];
  readonly onClose: () => void;
}

/** Stops executions, with the error and cause that their history will name. */
export function StopDialog({ executions, onClose }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  const [error, setError] = useState('');
  const [cause, setCause] = useState('');
  const reason = { ...(error === '' ? {} : { error }), ...(cause === '' ? {} : { cause }) };
  const [first] = executions;
  const stop = async () => {
    for (const { executionArn } of executions) {
      await api.stopExecution({ executionArn, ...reason });
    }
    await queries.invalidateQueries({ queryKey: key });
    notify.success(executions.length === 1 ? `Stopped ${first?.name ?? ''}` : `Stopped ${executions.length} executions`);
  };
  const calls = executions.map(({ executionArn }) => ({
    service: 'stepfunctions',
    operation: 'StopExecution',
    input: { executionArn, ...reason },
  }));
  return (
    <Dialog
      title={executions.length === 1 ? 'Stop execution?' : `Stop ${executions.length} executions?`}
      action="Stop execution"
      disabled={executions.length === 0}
      onConfirm={stop}
      onClose={onClose}
      extra={<CopyCliAll calls={calls} />}
    >
      <Box>{executions.map(({ name }) => name).join(', ')}</Box>
      <FormField label={<>Error <i>- optional</i></>}>
        <Input value={error} onChange={({ detail }) => setError(detail.value)} />
      </FormField>
      <FormField label={<>Cause <i>- optional</i></>}>
        <Textarea value={cause} onChange={({ detail }) => setCause(detail.value)} />
      </FormField>
    </Dialog>
  );
}
