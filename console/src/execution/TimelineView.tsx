import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { useMemo, useRef, useState } from 'react';
import { durationText } from '../ui/time';
import { useWidth } from '../ui/useWidth';
import { ticksOf } from './axis';
import { Bar } from './Bar';
import type { Snapshot } from './feed';
import { NameCell } from './NameCell';
import { idOf, type Row, rowsOf, type Toggled } from './rows';
import { without } from './TableView';
import { useNow } from './useNow';
import type { Selection } from './useSelection';
import { VirtualTable } from './VirtualTable';

const ZOOMS = ['1', '2', '5', '20'];
const TRACK_PX = 640;

/** The whole execution against time. */
export function TimelineView({ snapshot, selection }: { readonly snapshot: Snapshot; readonly selection: Selection }) {
  const [toggled, setToggled] = useState<Toggled>(new Set());
  const [zoom, setZoom] = useState('1');
  const { model, count } = snapshot;
  const now = useNow(model.end === undefined);
  const rows = useMemo(() => (count >= 0 ? rowsOf(model, toggled) : []), [model, count, toggled]);
  const span = { from: model.events[0]?.timestamp ?? now, to: model.end?.at ?? now };
  const toggle = (row: Row) => setToggled(without(toggled, row.id));
  return (
    <div>
      <div className="ex-bar">
        <SegmentedControl label="Zoom" selectedId={zoom} options={ZOOMS.map((id) => ({ id, text: `${id}×` }))} onChange={({ detail }) => setZoom(detail.selectedId)} />
      </div>
      <VirtualTable
        label="Timeline" rows={rows} idOf={(row) => row.id} levelOf={(row) => row.depth + 1} empty={snapshot.complete ? 'No steps' : 'Reading the history'}
        selected={selection.run === undefined ? undefined : idOf(selection.run)}
        onSelect={(row) => (row.kind === 'run' ? selection.selectRun(row.run) : toggle(row))} onToggle={toggle}
        columns={[
          { id: 'name', header: 'Step', width: 'minmax(180px, 260px)', cell: (row) => <NameCell row={row} onToggle={toggle} /> },
          {
            id: 'bar', header: model.events.length === 0 ? 'Time' : <Axis seconds={span.to - span.from} />,
            width: zoom === '1' ? 'minmax(260px, 1fr)' : `minmax(${TRACK_PX * Number(zoom)}px, 1fr)`,
            cell: (row) => <Bar row={row} span={span} now={now} />,
          },
        ]}
      />
    </div>
  );
}

function Axis({ seconds }: { readonly seconds: number }) {
  const axis = useRef<HTMLDivElement>(null);
  const width = useWidth(axis) ?? 0;
  const ticks = ticksOf(seconds, width);
  const isWhole = ticks.every((tick) => Number.isInteger(tick));
  return (
    <div className="ex-axis" ref={axis}>
      {ticks.map((tick) => (
        <span key={tick} style={{ left: `${seconds > 0 ? (tick / seconds) * 100 : 0}%` }}>{isWhole ? durationText(tick).replace('.000', '') : durationText(tick)}</span>
      ))}
    </div>
  );
}
