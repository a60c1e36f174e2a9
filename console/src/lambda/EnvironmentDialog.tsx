import AttributeEditor from '@cloudscape-design/components/attribute-editor';
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

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** The API's rule; names that begin with AWS_ it refuses in its own words. */
const NAME = /^[a-zA-Z][a-zA-Z0-9_]+$/;

export function EnvironmentDialog({ config, onClose }: Props) {
  const update = useUpdateConfiguration();
  const [variables, setVariables] = useState<readonly Variable[]>(() =>
    Object.entries(config.Environment?.Variables ?? {}).map(([name, value]) => ({ name, value })),
  );
  const names = variables.map(({ name }) => name);
  const isWrong = names.some((name) => !NAME.test(name)) || new Set(names).size < names.length;
  const input = {
    FunctionName: config.FunctionName,
    Environment: { Variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])) },
  };
  const set = (at: number, part: Partial<Variable>) =>
    setVariables(variables.map((variable, other) => (other === at ? { ...variable, ...part } : variable)));
  const problemOf = ({ name }: Variable) =>
    names.filter((other) => other === name).length > 1
      ? 'This name is there already.'
      : name === '' || NAME.test(name)
        ? undefined
        : 'A letter first, then letters, digits and underscores.';
  return (
    <Dialog
      title="Edit environment variables"
      action="Save"
      size="large"
      disabled={isWrong}
      onConfirm={() => update(input)}
      onClose={onClose}
      extra={<CopyCli service="lambda" operation="UpdateFunctionConfiguration" input={input} disabled={isWrong} />}
    >
      <AttributeEditor
        items={variables}
        addButtonText="Add variable"
        removeButtonText="Remove"
        empty="No environment variables"
        onAddButtonClick={() => setVariables([...variables, { name: '', value: '' }])}
        onRemoveButtonClick={({ detail }) => setVariables(variables.filter((_, at) => at !== detail.itemIndex))}
        definition={[
          {
            label: 'Name',
            errorText: problemOf,
            control: ({ name }, at) => <Input value={name} spellcheck={false} onChange={({ detail }) => set(at, { name: detail.value })} />,
          },
          {
            label: 'Value',
            control: ({ value }, at) => <Input value={value} spellcheck={false} onChange={({ detail }) => set(at, { value: detail.value })} />,
          },
        ]}
      />
    </Dialog>
  );
}
