import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import './json.css';
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
    <div className="json-input">
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
        <Textarea value={value} rows={10} spellcheck={false} disableBrowserAutocorrect onChange={({ detail }) => onChange(detail.value)} />
      </FormField>
    </div>
  );
}
