import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import type { FunctionConfiguration } from '../aws/lambda';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { useUpdateConfiguration } from './useUpdateConfiguration';

interface Props {
  readonly config: FunctionConfiguration;
  readonly onClose: () => void;
}

/** The API's bounds. */
const TIMEOUT = [1, 900] as const;
const MEMORY = [128, 10_240] as const;

export function ConfigurationDialog({ config, onClose }: Props) {
  const update = useUpdateConfiguration();
  const [description, setDescription] = useState(config.Description ?? '');
  const [handler, setHandler] = useState(config.Handler ?? '');
  const [timeout, setTimeout] = useState(String(config.Timeout));
  const [memory, setMemory] = useState(String(config.MemorySize));
  const input = {
    FunctionName: config.FunctionName,
    Description: description,
    Handler: handler,
    Timeout: Number(timeout),
    MemorySize: Number(memory),
  };
  const isWrong = !within(timeout, TIMEOUT) || !within(memory, MEMORY) || handler === '';
  return (
    <Dialog
      title="Edit configuration"
      action="Save"
      disabled={isWrong}
      onConfirm={() => update(input)}
      onClose={onClose}
      extra={<CopyCli service="lambda" operation="UpdateFunctionConfiguration" input={input} disabled={isWrong} />}
    >
      <FormField stretch label="Description">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
      <FormField stretch label="Handler" errorText={handler === '' ? 'A function has a handler.' : undefined}>
        <Input value={handler} spellcheck={false} onChange={({ detail }) => setHandler(detail.value)} />
      </FormField>
      <FormField label="Timeout, in seconds" errorText={within(timeout, TIMEOUT) ? undefined : 'From 1 to 900 seconds.'}>
        <Input type="number" value={timeout} onChange={({ detail }) => setTimeout(detail.value)} />
      </FormField>
      <FormField label="Memory, in MB" errorText={within(memory, MEMORY) ? undefined : 'From 128 to 10,240 MB.'}>
        <Input type="number" value={memory} onChange={({ detail }) => setMemory(detail.value)} />
      </FormField>
    </Dialog>
  );
}

function within(text: string, [least, most]: readonly [number, number]): boolean {
  return /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
}
