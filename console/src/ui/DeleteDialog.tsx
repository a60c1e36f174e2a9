import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { type ReactNode, useState } from 'react';
import { Dialog } from './Dialog';

interface Props {
  /** "Delete state machine?" */
  readonly title: string;
  /** What goes, by name. */
  readonly names: readonly string[];
  readonly warning: ReactNode;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
  readonly extra?: ReactNode;
}

const WORD = 'delete';
/** More names than this are counted, not read. */
const NAMES_SHOWN_MAX = 8;

/** Deletes only after the word is typed. */
export function DeleteDialog({ title, names, warning, onConfirm, onClose, extra }: Props) {
  const [typed, setTyped] = useState('');
  const shown = names.slice(0, NAMES_SHOWN_MAX);
  const more = names.length - shown.length;
  return (
    <Dialog title={title} action="Delete" disabled={typed.trim() !== WORD} onConfirm={onConfirm} onClose={onClose} extra={extra}>
      <Box>
        Delete <strong>{shown.join(', ')}</strong>
        {more === 0 ? '' : ` and ${more} more`} for good?
      </Box>
      <Alert type="warning">{warning}</Alert>
      <FormField label={`To confirm, type ${WORD}`}>
        <Input value={typed} placeholder={WORD} autoFocus autoComplete={false} onChange={({ detail }) => setTyped(detail.value)} />
      </FormField>
    </Dialog>
  );
}
