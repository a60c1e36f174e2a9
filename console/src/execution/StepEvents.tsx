import Button from '@cloudscape-design/components/button';
import { Time } from '../ui/time';
import type { Model, Run } from './model';
import type { Selection } from './useSelection';
import { VirtualTable } from './VirtualTable';

/** The events of one visit, each a way into the list of all. */
export function StepEvents({ model, run, selection }: { readonly model: Model; readonly run: Run; readonly selection: Selection }) {
  return (
    <VirtualTable
      label="Events of the step"
      rows={run.events}
      idOf={String}
      empty="No events"
      columns={[
        { id: 'id', header: 'ID', width: '44px', cell: (id) => <Button variant="inline-link" onClick={() => selection.selectEvent(id, 'events')}>{String(id)}</Button> },
        { id: 'type', header: 'Type', width: 'minmax(200px, 1fr)', cell: (id) => model.event(id)?.type },
        { id: 'time', header: 'Date', width: 'minmax(104px, 200px)', wraps: true, cell: (id) => <Time precise at={model.event(id)?.timestamp} /> },
      ]}
    />
  );
}
