import Table from '@cloudscape-design/components/table';
import { durationText, Time } from '../ui/time';
import { Empty } from '../ui/Empty';
import type { Attempt, Run } from './model';
import { StateStatusText } from './RunStatus';

/** Each try of a state, and how it failed. */
export function StepAttempts({ run }: { readonly run: Run }) {
  const items = run.attempts.map((attempt, index) => ({ attempt, index, pause: pauseBefore(run.attempts, index) }));
  return (
    <Table
      variant="embedded" wrapLines
      trackBy={({ attempt }) => String(attempt.id)}
      items={items}
      empty={<Empty title="No attempts" text="Only Task, Parallel and Map states are tried." />}
      columnDefinitions={[
        { id: 'n', header: '#', cell: ({ index }) => (index === 0 ? 'First' : `Retry ${index}`), isRowHeader: true },
        { id: 'status', header: 'Status', cell: ({ attempt }) => <StateStatusText status={attempt.status} /> },
        { id: 'started', header: 'Started', cell: ({ attempt }) => <Time at={attempt.started} /> },
        { id: 'pause', header: 'After a pause of', cell: ({ pause }) => (pause === undefined ? '-' : durationText(pause)) },
        { id: 'took', header: 'Duration', cell: ({ attempt }) => (attempt.stopped === undefined ? '-' : durationText(attempt.stopped - attempt.started)) },
        { id: 'error', header: 'Error', minWidth: 280, cell: ({ attempt }) => <span className="arn">{[attempt.error, attempt.cause?.slice(0, 400)].filter(Boolean).join(': ') || '-'}</span> },
      ]}
    />
  );
}

function pauseBefore(attempts: readonly Attempt[], index: number): number | undefined {
  const [before, own] = [attempts[index - 1], attempts[index]];
  return before?.stopped === undefined || own === undefined ? undefined : own.started - before.stopped;
}
