import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { STATUS_NAMES, STATUS_TITLES } from '../graph/status';
import { durationText } from '../ui/time';
import { useTyped } from '../ui/useTyped';
import { resourcesOf } from './links';
import { ResourceLinks } from './ResourceLink';
import { RunStatus, StateStatusText } from './RunStatus';
import { idOf, type Row, rowsOf, type Toggled } from './rows';
import { Bar } from './Bar';
import { NameCell } from './NameCell';
import type { Snapshot } from './feed';
import { useNow } from './useNow';
import { type Selection, withChanges } from './useSelection';
import { type Column, VirtualTable } from './VirtualTable';

const route = getRouteApi('/executions/$arn');
const TYPES = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'];
const ANY_TYPE = { value: '', label: 'Any type' };
const ANY_STATUS = { value: '', label: 'Any status' };

interface Props {
  readonly snapshot: Snapshot;
  readonly selection: Selection;
}

/** Each visit of a state, as a tree, with its time. */
export function TableView({ snapshot, selection }: Props) {
  const { q = '', type = '', status = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [toggled, setToggled] = useState<Toggled>(new Set());
  const { model, count } = snapshot;
  const now = useNow(model.end === undefined);
  const rows = useMemo(() => (count >= 0 ? rowsOf(model, toggled, { text: q, type, status }) : []), [model, count, toggled, q, type, status]);
  const filter = (changes: Readonly<Record<string, string | undefined>>) =>
    void navigate({ search: (old) => withChanges(old, changes), replace: true, resetScroll: false });
  const [typed, typeText] = useTyped(q, (text) => filter({ q: text }));
  const toggle = (row: Row) => setToggled(without(toggled, row.id));
  const span = { from: model.events[0]?.timestamp ?? now, to: model.end?.at ?? now };
  const statuses = STATUS_NAMES.map((value) => ({ value, label: STATUS_TITLES[value] }));
  const types = TYPES.map((value) => ({ value, label: value }));
  return (
    <div>
      <div className="ex-bar">
        <div className="ex-grow"><Input type="search" placeholder="Find steps by name" ariaLabel="Find steps by name" value={typed} onChange={({ detail }) => typeText(detail.value)} /></div>
        <div className="ex-some"><Select ariaLabel="Type" selectedOption={types.find(({ value }) => value === type) ?? ANY_TYPE} options={[ANY_TYPE, ...types]} onChange={({ detail }) => filter({ type: detail.selectedOption.value })} /></div>
        <div className="ex-some"><Select ariaLabel="Status" selectedOption={statuses.find(({ value }) => value === status) ?? ANY_STATUS} options={[ANY_STATUS, ...statuses]} onChange={({ detail }) => filter({ status: detail.selectedOption.value })} /></div>
      </div>
      <VirtualTable
        label="Steps" rows={rows} idOf={(row) => row.id} levelOf={(row) => row.depth + 1} empty={snapshot.complete ? 'No steps' : 'Reading the history'}
        selected={selection.run === undefined ? undefined : idOf(selection.run)}
        onSelect={(row) => (row.kind === 'run' ? selection.selectRun(row.run) : toggle(row))} onToggle={toggle}
        columns={columns(toggle, span, now)}
      />
    </div>
  );
}

export function without(toggled: Toggled, id: string): Toggled {
  const next = new Set(toggled);
  if (!next.delete(id)) next.add(id);
  return next;
}

function columns(toggle: (row: Row) => void, span: { from: number; to: number }, now: number): Column<Row>[] {
  return [
    { id: 'name', header: 'Name', width: 'minmax(190px, 2fr)', cell: (row) => <NameCell row={row} onToggle={toggle} /> },
    { id: 'type', header: 'Type', width: '72px', spare: 3, cell: (row) => (row.kind === 'run' ? row.run.type : '') },
    { id: 'status', header: 'Status', width: '130px', cell: (row) => (row.kind === 'run' ? <RunStatus run={row.run} /> : <StateStatusText status={row.scope.status} />) },
    { id: 'resource', header: 'Resource', width: 'minmax(150px, 1fr)', spare: 4, cell: (row) => (row.kind === 'run' ? <ResourceLinks resources={resourcesOf(row.run)} /> : '') },
    { id: 'after', header: 'Started after', width: '104px', spare: 2, cell: (row) => durationText((row.kind === 'run' ? row.run.entered : row.scope.started) - span.from) },
    { id: 'took', header: 'Duration', width: '104px', cell: (row) => took(row, now) },
    { id: 'timeline', header: 'Timeline', width: 'minmax(120px, 2fr)', spare: 1, cell: (row) => <Bar row={row} span={span} now={now} /> },
  ];
}

function took(row: Row, now: number): string {
  const [from, to] = row.kind === 'run' ? [row.run.entered, row.run.stopped] : [row.scope.started, row.scope.stopped];
  return durationText((to ?? now) - from);
}
