import { useMemo, useState } from 'react';
import { Graph, type Orientation } from '../graph';
import type { Snapshot } from './feed';
import { MapRunLines } from './MapRunLines';
import { Replay } from './Replay';
import { statusesOf } from './statuses';
import type { Replaying } from './useReplay';
import type { Selection } from './useSelection';
import { waysOf } from './ways';

interface Props {
  readonly name: string;
  readonly definition: string;
  readonly snapshot: Snapshot;
  readonly selection: Selection;
  readonly replay: Replaying;
}

/** The definition with what became of each state. */
export function GraphView({ name, definition, snapshot, selection, replay }: Props) {
  const [orientation, setOrientation] = useState<Orientation>('vertical');
  const { model } = replay;
  const { count } = snapshot;
  const { picked } = selection;
  // The model grows; how many events it holds says when to look again.
  const statuses = useMemo(() => (count >= 0 ? statusesOf(model, picked) : undefined), [model, count, picked]);
  const ways = useMemo(() => (count >= 0 ? waysOf(model, picked) : undefined), [model, count, picked]);
  return (
    <div>
      {replay.at === undefined ? null : <Replay model={snapshot.model} at={replay.at} onMove={replay.move} onClose={() => replay.move(undefined)} />}
      <MapRunLines model={model} />
      <div className="ex-graph">
        <Graph
          definition={definition} label={name} statuses={statuses} ways={ways} selected={selection.path} onSelect={selection.selectPath}
          orientation={orientation} onOrientation={setOrientation}
        />
      </div>
    </div>
  );
}
