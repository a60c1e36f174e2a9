import Input from '@cloudscape-design/components/input';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { HistoryEvent } from '../aws/states';
import { counted } from '../ui/counted';
import { durationText, Time } from '../ui/time';
import { useTyped } from '../ui/useTyped';
import type { Snapshot } from './feed';
import { type Resource, resourcesIn } from './links';
import { detailsOf, type Model } from './model';
import { Payload } from './Payload';
import { ResourceLinks } from './ResourceLink';
import { type Selection, withChanges } from './useSelection';
import { type Column, VirtualTable } from './VirtualTable';
import { at } from '../app/link';
import { without } from './TableView';

const route = getRouteApi('/executions/$arn');

/** The history, event by event. */
export function EventView({ snapshot, selection }: { readonly snapshot: Snapshot; readonly selection: Selection }) {
  const { q = '', order } = route.useSearch();
  const navigate = route.useNavigate();
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(selection.eventId === undefined ? [] : [String(selection.eventId)]));
  const { model, count } = snapshot;
  const rows = useMemo(() => (count >= 0 ? eventsOf(model, q, order === 'down') : []), [model, count, q, order]);
  const search = (changes: Readonly<Record<string, string | undefined>>) =>
    void navigate({ search: (old) => withChanges(old, changes), replace: true, resetScroll: false });
  const [typed, typeText] = useTyped(q, (text) => search({ q: text }));
  const toggle = (event: HistoryEvent) => setOpen(without(open, String(event.id)));
  const columns: Column<HistoryEvent>[] = [
    { id: 'open', header: '', width: '20px', cell: (event) => <Toggle event={event} open={open.has(String(event.id))} onToggle={toggle} /> },
    {
      id: 'id', width: '56px', sort: order === 'down' ? 'descending' : 'ascending', cell: (event) => event.id,
      header: <button type="button" onClick={() => search({ order: order === 'down' ? undefined : 'down' })}>ID {order === 'down' ? '▼' : '▲'}</button>,
    },
    { id: 'type', header: 'Type', width: 'minmax(180px, 1fr)', cell: (event) => event.type },
    { id: 'step', header: 'Step', width: 'minmax(140px, 1fr)', cell: (event) => <span dir="auto">{model.runOf(event.id)?.name ?? '-'}</span> },
    { id: 'resource', header: 'Resource', width: 'minmax(140px, 1fr)', spare: 3, cell: (event) => <ResourceLinks resources={resources(model, event)} /> },
    { id: 'after', header: 'Started after', width: '104px', spare: 1, cell: (event) => durationText(event.timestamp - (model.events[0]?.timestamp ?? 0)) },
    { id: 'date', header: 'Date', width: '200px', spare: 2, cell: (event) => <Time precise at={event.timestamp} /> },
  ];
  return (
    <div>
      <div className="ex-bar">
        <div className="ex-grow">
          <Input type="search" placeholder="Find events by type, step or data" ariaLabel="Find events" value={typed} onChange={({ detail }) => typeText(detail.value)} />
        </div>
        <span className="ex-quiet" role="status">{q === '' ? counted(count, 'event') : `${rows.length.toLocaleString('en-US')} of ${counted(count, 'event')}`}</span>
      </div>
      <VirtualTable
        label="Events" rows={rows} idOf={(event) => String(event.id)} columns={columns} empty={snapshot.complete ? 'No matches' : 'Reading the history'}
        selected={selection.eventId === undefined ? undefined : String(selection.eventId)}
        onSelect={(event) => selection.selectEvent(event.id)} onToggle={toggle}
        below={(event) => (open.has(String(event.id)) ? <div className="ex-wide" onClick={(click) => click.stopPropagation()}><Payload name={`event ${event.id}`} text={JSON.stringify(event)} /></div> : null)}
      />
    </div>
  );
}

function Toggle({ event, open, onToggle }: { readonly event: HistoryEvent; readonly open: boolean; readonly onToggle: (event: HistoryEvent) => void }) {
  return (
    <button
      type="button" className="ex-toggle" tabIndex={-1} aria-expanded={open} aria-label={`${open ? 'Fold' : 'Unfold'} event ${event.id}`}
      onClick={(click) => {
        click.stopPropagation();
        onToggle(event);
      }}
    >
      {open ? '▾' : '▸'}
    </button>
  );
}

function eventsOf(model: Model, text: string, down: boolean): readonly HistoryEvent[] {
  const wanted = text.trim().toLocaleLowerCase();
  const has = (event: HistoryEvent) =>
    String(event.id) === wanted ||
    event.type.toLocaleLowerCase().includes(wanted) ||
    (model.runOf(event.id)?.name.toLocaleLowerCase().includes(wanted) ?? false) ||
    Object.values(detailsOf(event)).some((value) => typeof value === 'string' && value.toLocaleLowerCase().includes(wanted));
  const found = wanted === '' ? [...model.events] : model.events.filter(has);
  return down ? found.reverse() : found;
}

function resources(model: Model, event: HistoryEvent): Resource[] {
  const details = detailsOf(event);
  if (typeof details['mapRunArn'] === 'string') return [{ text: 'Map Run', place: at('map-runs', details['mapRunArn']) }];
  const { type } = event;
  if (!type.startsWith('Task') && !type.startsWith('Lambda') && !type.startsWith('Activity')) return [];
  const attempt = model.runOf(event.id)?.attempts.findLast(({ id }) => id <= event.id);
  if (attempt === undefined || type.includes('State')) return [];
  return resourcesIn({ details: attempt.details, ...(type === 'TaskSubmitted' && attempt.submitted !== undefined ? { submitted: attempt.submitted } : {}) });
}
