import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { type ReactNode, useState } from 'react';
import { nameProblem } from '../machines/names';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { type Config, createInput } from './config';

interface Props {
  readonly config: Config;
  readonly definition: string;
  readonly onSave: (config: Config) => Promise<void>;
  readonly onClose: () => void;
  readonly explain: (error: unknown) => ReactNode;
}

/** Makes another state machine of the definition. */
export function SaveAsDialog({ config, definition, onSave, onClose, explain }: Props) {
  const [name, setName] = useState(`${config.name}-copy`.slice(0, 80));
  const problem = name === '' ? 'A state machine needs a name.' : nameProblem(name);
  const renamed = { ...config, name };
  return (
    <Dialog
      title="Save as new"
      action="Create state machine"
      disabled={problem !== undefined}
      onConfirm={() => onSave(renamed)}
      onClose={onClose}
      explain={explain}
      extra={<CopyCli service="stepfunctions" operation="CreateStateMachine" input={createInput(renamed, definition)} />}
    >
      <FormField stretch label="State machine name" errorText={problem}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoComplete={false} />
      </FormField>
    </Dialog>
  );
}
