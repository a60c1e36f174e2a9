import { failureOf } from '../ui/failure';
import { FailureText } from '../ui/FailureText';
import { durationText, Time } from '../ui/time';
import type { Attempt, Run } from './model';
import { StateStatusText } from './RunStatus';
import { type Column, VirtualTable } from './VirtualTable';

interface Row {
  readonly attempt: Attempt;
  /** 0 is the first; the others are retries. */
  readonly index: number;
  /** What it waited for, in seconds. */
  readonly pause: number | undefined;
}

const COLUMNS: readonly Column<Row>[] = [
  { id: 'n', header: 'Attempt', width: 'minmax(70px, 1fr)', cell: ({ index }) => (index === 0 ? 'First' : `Retry ${index}`) },
  { id: 'status', header: 'Status', width: 'minmax(100px, 1fr)', cell: ({ attempt }) => <StateStatusText status={attempt.status} /> },
  { id: 'started', header: 'Started', width: '200px', spare: 1, cell: ({ attempt }) => <Time precise at={attempt.started} /> },
  { id: 'pause', header: 'Pause before', width: '102px', cell: ({ pause }) => (pause === undefined ? '-' : durationText(pause)) },
  { id: 'took', header: 'Duration', width: '102px', cell: ({ attempt }) => (attempt.stopped === undefined ? '-' : durationText(attempt.stopped - attempt.started)) },
];

/** Each try of a state, and how it failed. */
export function StepAttempts({ run }: { readonly run: Run }) {
  const rows = run.attempts.map((attempt, index) => ({ attempt, index, pause: pauseBefore(run.attempts, index) }));
  return (
    <VirtualTable
      label="Attempts" rows={rows} idOf={({ attempt }) => String(attempt.id)} columns={COLUMNS}
      empty="No attempts: only Task, Parallel and Map states are tried."
      below={({ attempt }) => (attempt.error === undefined && attempt.cause === undefined ? null : <Why attempt={attempt} />)}
    />
  );
}

function Why({ attempt: { error, cause } }: Pick<Row, 'attempt'>) {
  const failure = failureOf(error, cause);
  return (
    <div className="ex-wide">
      <b>{failure.name}</b>
      <FailureText failure={failure} cause={cause} />
    </div>
  );
}

function pauseBefore(attempts: readonly Attempt[], index: number): number | undefined {
  const [before, own] = [attempts[index - 1], attempts[index]];
  return before?.stopped === undefined || own === undefined ? undefined : own.started - before.stopped;
}
