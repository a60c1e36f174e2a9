import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { STATUS_TITLES, type StatusName } from '../graph/status';
import '../ui/status.css';
import { isBetweenAttempts, type Run } from './model';

const TYPES: Readonly<Record<StatusName, StatusIndicatorProps.Type>> = {
  'in-progress': 'in-progress',
  succeeded: 'success',
  failed: 'error',
  caught: 'warning',
  aborted: 'stopped',
  'timed-out': 'error',
  'pending-redrive': 'pending',
};

/** How a state, branch or iteration is. */
export function StateStatusText({ status, text = STATUS_TITLES[status] }: { readonly status: StatusName; readonly text?: string }) {
  return <span className="status"><StatusIndicator type={TYPES[status]}>{text}</StatusIndicator></span>;
}

export function RunStatus({ run }: { readonly run: Run }) {
  return isBetweenAttempts(run) ? <StateStatusText status={run.status} text="Waiting to retry" /> : <StateStatusText status={run.status} />;
}
