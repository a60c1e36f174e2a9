import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import { Dialog } from '../ui/Dialog';
import type { Turned } from './language';

interface Props extends Pick<Turned, 'converted' | 'lost'> {
  readonly to: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before fields are turned, and some taken away. */
export function LanguageDialog({ to, converted, lost, onConfirm, onClose }: Props) {
  return (
    <Dialog
      title={`Change to ${to}?`} action="Change" onClose={onClose}
      onConfirm={() => {
        onConfirm();
        return Promise.resolve();
      }}
    >
      {converted.length === 0 ? null : <Fields title="These fields are converted:" names={converted} />}
      {lost.length === 0 ? null : (
        <Alert type="warning">
          <Fields title="These fields cannot be converted and are removed. Write by hand what they did:" names={lost} />
        </Alert>
      )}
      <Box>One Undo brings everything back.</Box>
    </Dialog>
  );
}

const Fields = ({ title, names }: { readonly title: string; readonly names: readonly string[] }) => (
  <div className="ce-names">
    {title}
    <ul tabIndex={0} aria-label={title}>{names.map((name) => <li key={name}>{name}</li>)}</ul>
  </div>
);
