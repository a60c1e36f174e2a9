import Textarea from '@cloudscape-design/components/textarea';
import './code.css';

interface Props {
  readonly value: string;
  readonly rows: number;
  readonly readOnly?: boolean;
  /** Breaks long lines; they scroll otherwise. */
  readonly wraps?: boolean;
  readonly onChange: (text: string) => void;
}

/** A text for machines to write, in a `FormField`: every letter stands where it is typed. */
export function CodeArea({ value, rows, readOnly = false, wraps = true, onChange }: Props) {
  return (
    <div className={wraps ? 'code-area' : 'code-area code-area-unwrapped'}>
      <Textarea
        value={value}
        rows={rows}
        readOnly={readOnly}
        spellcheck={false}
        disableBrowserAutocorrect
        onChange={({ detail }) => onChange(detail.value)}
      />
    </div>
  );
}
