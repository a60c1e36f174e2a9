import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import { useMemo } from 'react';
import { errorText } from '../app/notifications';
import { decodeText } from '../ui/bytes';
import { CodeArea } from '../ui/CodeArea';
import { sizeText } from '../ui/size';
import { type Entry, readEntry } from './zip';

interface Props {
  readonly zip: Uint8Array;
  readonly entry: Entry;
  /** What it will be; none if it stays as it is. */
  readonly changed: string | undefined;
  readonly isFixed: boolean;
  readonly onChange: (text: string | undefined) => void;
}

/** What one writes by hand is smaller. */
const TEXT_BYTES_MAX = 256 * 1024;

/** A file of a package: to be written if it is a small text. */
export function FileText({ zip, entry, changed, isFixed, onChange }: Props) {
  const { text, why } = useMemo(() => read(zip, entry), [zip, entry]);
  if (text === undefined) {
    return <Box color="text-body-secondary">{why}</Box>;
  }
  return (
    <FormField
      stretch
      label={entry.name}
      secondaryControl={
        changed === undefined || isFixed ? null : (
          <Button formAction="none" onClick={() => onChange(undefined)}>
            Undo
          </Button>
        )
      }
    >
      <CodeArea wraps={false} value={changed ?? text} rows={24} readOnly={isFixed} onChange={(next) => onChange(next === text ? undefined : next)} />
    </FormField>
  );
}

function read(zip: Uint8Array, { name, bytes }: Entry): { text?: string; why: string } {
  if (bytes > TEXT_BYTES_MAX) {
    return { why: `${name} has ${sizeText(bytes)}: download the package to look at it.` };
  }
  try {
    const content = readEntry(zip, name);
    const text = decodeText(content);
    // A text that was cut within a character would not be written as it was.
    const isWhole = text !== undefined && new TextEncoder().encode(text).length === content.length;
    return isWhole ? { text, why: '' } : { why: `${name} is no text.` };
  } catch (error) {
    return { why: errorText(error) };
  }
}
