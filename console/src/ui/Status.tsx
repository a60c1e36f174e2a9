import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import './status.css';

const KINDS: Readonly<Record<string, readonly [StatusIndicatorProps.Type, string]>> = {
  RUNNING: ['in-progress', 'Running'],
  SUCCEEDED: ['success', 'Succeeded'],
  FAILED: ['error', 'Failed'],
  TIMED_OUT: ['error', 'Timed out'],
  ABORTED: ['stopped', 'Aborted'],
  PENDING_REDRIVE: ['pending', 'Pending redrive'],
  ACTIVE: ['success', 'Active'],
  DELETING: ['in-progress', 'Deleting'],
};

/** In words. */
export const statusText = (status: string) => KINDS[status]?.[1] ?? status;

/** An execution's, Map Run's or state machine's status, in words beside the colour. */
export function Status({ status }: { readonly status: string }) {
  const [type = 'info'] = KINDS[status] ?? [];
  return <span className="status"><StatusIndicator type={type}>{statusText(status)}</StatusIndicator></span>;
}
