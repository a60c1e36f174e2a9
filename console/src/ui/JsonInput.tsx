import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import { CodeArea } from './CodeArea';
import { jsonProblem, pretty } from './json';

interface Props {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** JSON to write, checked as it is typed. */
export function JsonInput({ label, description, value, onChange }: Props) {
  const problem = value.trim() === '' ? undefined : jsonProblem(value);
  return (
    <FormField
      stretch
      label={label}
      description={description}
      errorText={problem}
      secondaryControl={
        <Button disabled={problem !== undefined} formAction="none" onClick={() => onChange(pretty(value))}>
          Format
        </Button>
      }
    >
      <CodeArea value={value} rows={10} onChange={onChange} />
    </FormField>
  );
}
