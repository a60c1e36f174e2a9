import { Dialog } from '../ui/Dialog';

interface Props {
  readonly name: string;
  readonly onDeploy: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before a package that was deployed meanwhile is replaced. */
export function OverwriteCode({ name, onDeploy, onClose }: Props) {
  return (
    <Dialog title={`${name} was deployed elsewhere`} action="Deploy anyway" onConfirm={onDeploy} onClose={onClose}>
      <div>
        Its code is no longer what you changed, so nothing was deployed yet. Deploying puts the package that you opened, with your changes, in
        the place of the new one. To keep both, cancel, copy what you wrote, and discard your changes here to go on with the new code.
      </div>
    </Dialog>
  );
}
