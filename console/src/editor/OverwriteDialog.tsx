import { Dialog } from '../ui/Dialog';

interface Props {
  readonly name: string;
  readonly onSave: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before what somebody else has saved meanwhile is replaced. */
export function OverwriteDialog({ name, onSave, onClose }: Props) {
  return (
    <Dialog title={`${name} was changed elsewhere`} action="Save anyway" onConfirm={onSave} onClose={onClose}>
      Its definition or settings are no longer what they were when you opened them, so nothing was saved yet. Saving puts yours
      in their place. To keep both, cancel and choose Save as new, or export yours and open the state machine again.
    </Dialog>
  );
}
