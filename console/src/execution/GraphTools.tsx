import Button from '@cloudscape-design/components/button';
import { IterationPickers } from './IterationPicker';
import type { Replaying } from './useReplay';
import type { Selection } from './useSelection';

interface Props {
  readonly selection: Selection;
  readonly replay: Replaying;
  /** How many events there are. */
  readonly count: number;
}

/** What stands beside the choice of views while the graph is shown. */
export function GraphTools({ selection, replay, count }: Props) {
  return (
    <>
      <IterationPickers model={replay.model} selection={selection} />
      {replay.at === undefined ? <Button iconName="play" disabled={count < 2} onClick={() => replay.move(1)}>Replay</Button> : null}
    </>
  );
}
