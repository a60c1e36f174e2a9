import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { getRouteApi } from '@tanstack/react-router';
import type { DescribeExecutionOutput } from '../aws/states';
import { counted } from '../ui/counted';
import { chosenOf } from '../ui/search';
import { EventView } from './EventView';
import type { Snapshot } from './feed';
import { GraphTools } from './GraphTools';
import { GraphView } from './GraphView';
import { StepPanel } from './StepPanel';
import { TableView } from './TableView';
import { TimelineView } from './TimelineView';
import type { Replaying } from './useReplay';
import { type Selection, withChanges } from './useSelection';

interface Props {
  readonly execution: DescribeExecutionOutput;
  readonly definition: string;
  readonly snapshot: Snapshot;
  readonly selection: Selection;
  readonly replay: Replaying;
}

const VIEWS = [
  { id: 'graph', text: 'Graph view' },
  { id: 'table', text: 'Table view' },
  { id: 'events', text: 'Event view' },
  { id: 'timeline', text: 'Timeline' },
] as const;

const route = getRouteApi('/executions/$arn');

/** The ways to look at one execution, beside the step that is selected. */
export function Views({ execution, definition, snapshot, selection, replay }: Props) {
  const view = chosenOf(VIEWS, route.useSearch().view);
  const navigate = route.useNavigate();
  const open = selection.path !== undefined;
  return (
    <>
      <div className="ex-bar">
        <SegmentedControl
          label="View" selectedId={view} options={VIEWS}
          onChange={({ detail }) => void navigate({ search: (old) => withChanges(old, { view: detail.selectedId, q: undefined }), replace: true, resetScroll: false })}
        />
        {view === 'graph' ? <GraphTools selection={selection} replay={replay} count={snapshot.count} /> : null}
        {snapshot.complete ? null : <span className="ex-quiet" role="status">Reading the history, {counted(snapshot.count, 'event')} so far</span>}
      </div>
      <div className="ex-room">
        <div className="ex-split" data-open={open || undefined} data-of={view === 'graph' ? 'graph' : 'table'}>
          {view === 'graph' ? <GraphView name={execution.name} definition={definition} snapshot={snapshot} selection={selection} replay={replay} /> : null}
          {view === 'table' ? <TableView snapshot={snapshot} selection={selection} /> : null}
          {view === 'events' ? <EventView snapshot={snapshot} selection={selection} /> : null}
          {view === 'timeline' ? <TimelineView snapshot={snapshot} selection={selection} /> : null}
          {open ? <StepPanel executionArn={execution.executionArn} model={replay.model} definition={definition} selection={selection} /> : null}
        </div>
      </div>
    </>
  );
}
