import { durationText } from '../ui/time';
import { type Row, type Segment, segmentsOf } from './rows';

interface Span {
  readonly from: number;
  readonly to: number;
}

/** When a state ran within the execution: its attempts, and the pauses between. */
export function Bar({ row, span, now }: { readonly row: Row; readonly span: Span; readonly now: number }) {
  const whole = Math.max(span.to - span.from, 0.001);
  const percent = (seconds: number) => `${Math.min(100, Math.max(0, (seconds / whole) * 100))}%`;
  const segments: Segment[] =
    row.kind === 'run' ? segmentsOf(row.run, now) : [{ from: row.scope.started, to: row.scope.stopped ?? now, kind: row.scope.status }];
  return (
    <div className="ex-track">
      {segments.map(({ from, to, kind }, index) => (
        <span
          key={index} className="ex-piece" data-kind={kind} data-wait={(row.kind === 'run' && row.run.type === 'Wait') || undefined}
          title={`${kind === 'pause' ? 'waiting to retry' : kind}, ${durationText(to - from)}`}
          // A moment at the very end is still seen.
          style={{ left: `min(${percent(from - span.from)}, 100% - 3px)`, width: percent(to - from) }}
        />
      ))}
    </div>
  );
}
