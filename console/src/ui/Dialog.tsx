import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, type SubmitEvent, useState } from 'react';
import { errorText } from '../app/notifications';
import './dialog.css';

interface Props {
  readonly title: string;
  /** The button's word: "Start execution". */
  readonly action: string;
  readonly disabled?: boolean;
  /** Does it. Then the dialogue closes, unless it hands back `stay`; when it fails, the dialogue says why. */
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
  /** The error as more than its text. */
  readonly explain?: (error: unknown) => ReactNode;
  readonly size?: 'medium' | 'large';
  /** Beside the buttons: "Copy as CLI". */
  readonly extra?: ReactNode;
  readonly children: ReactNode;
}

/** A dialogue that does one thing. */
export function Dialog({ title, action, disabled = false, onConfirm, onClose, explain = errorText, size = 'medium', extra, children }: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ReactNode>();
  const confirm = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      if ((await onConfirm()) !== 'stay') {
        onClose();
      }
    } catch (error) {
      setFailure(explain(error));
    }
    setBusy(false);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!disabled && !busy) {
      void confirm();
    }
  };
  const footer = (
    <div className="dialog-buttons">
      {extra}
      <Button variant="link" onClick={onClose}>
        Cancel
      </Button>
      <Button variant="primary" disabled={disabled} loading={busy} onClick={confirm}>
        {action}
      </Button>
    </div>
  );
  return (
    // A click beside it would throw away what was typed.
    <Modal visible header={title} size={size} onDismiss={({ detail }) => detail.reason === 'overlay' || onClose()} footer={footer}>
      <form onSubmit={submit}>
        <SpaceBetween size="m">
          {children}
          {failure === undefined ? null : <Alert type="error">{failure}</Alert>}
        </SpaceBetween>
      </form>
    </Modal>
  );
}
