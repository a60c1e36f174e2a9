import Alert from '@cloudscape-design/components/alert';
import { useRef, useState } from 'react';
import { Graph, type Orientation, type StateDiagnostics, type StatePath } from '../graph';
import type { Json } from '../graph/json';
import type { DropTarget } from '../graph/props';
import { Browser } from './Browser';
import { EditingContext, type Wanted } from './context';
import { byState, type Finding } from './findings';
import { Inspector } from './Inspector';
import { insert, rename, targetBehind } from './operations';
import { languageOf } from './place';
import type { Item } from './palette';
import { withPlace } from '../ui/json';
import { useInView } from '../ui/useInView';
import { Side } from './Side';
import type { Editor } from './useEditor';

interface Props {
  readonly editor: Editor;
  /** The place that somebody was led to. */
  readonly wanted: Wanted | undefined;
  readonly found: ReadonlyMap<StatePath, StateDiagnostics>;
  /** What the server says of the definition. */
  readonly told: readonly Finding[];
  readonly orientation: Orientation;
  readonly onOrientation: (orientation: Orientation) => void;
}

/** States browser, canvas and inspector. */
export function Design({ editor, wanted, found, told, orientation, onOrientation }: Props) {
  const { snapshot, selected, select, run } = editor;
  const inspector = useRef<HTMLElement>(null);
  useInView(inspector, selected);
  const [dragged, setDragged] = useState<Item>();
  const value: Json = snapshot.value ?? {};
  const put = (item: Item, target: DropTarget | undefined) => {
    if (target !== undefined) run(insert(value, target, item.title, item.state(languageOf(value))));
  };
  const hindrance = snapshot.problem && 'Nothing can be put in while the text cannot be read: mend it under Code.';
  const drop = hindrance !== undefined ? undefined : {
    active: dragged !== undefined,
    onDrop: (target: DropTarget) => {
      setDragged(undefined);
      if (dragged !== undefined) put(dragged, target);
    },
    onMove: editor.move,
  };
  return (
    <EditingContext value={{ definition: value, change: editor.change, unused: editor.unused, told, wanted }}>
      <div className="ce-design">
        <Side id="browser" name="States browser" side="start" width={260} min={200} share={0.3}>
          <aside className="ce-pane" aria-label="States browser">
            <Browser hindrance={hindrance} onInsert={(item) => put(item, targetBehind(value, selected))} onDrag={setDragged} />
          </aside>
        </Side>
        <div className="ce-canvas">
          <Graph
            definition={snapshot.format === 'json' ? snapshot.text : snapshot.value} label={editor.name} selected={selected} onSelect={select}
            diagnostics={found} drop={drop} orientation={orientation} onOrientation={onOrientation}
          />
        </div>
        <Side id="inspector" name="Inspector" side="end" width={inspectorWidth()} min={300} share={0.45}>
          <aside className="ce-pane ce-inspector" aria-label="Inspector" ref={inspector}>
            {snapshot.problem === undefined ? (
              <Inspector
                selected={selected} found={selected === undefined ? undefined : byState(told).get(selected)}
                onRename={(name) => selected !== undefined && run(rename(value, selected, name))} onDuplicate={editor.duplicate} onDelete={editor.remove}
              />
            ) : (
              <Alert type="warning" header="The text cannot be read">
                {`${withPlace(snapshot.text, snapshot.problem)}. Mend it under Code, then the designer can change it.`}
              </Alert>
            )}
          </aside>
        </Side>
      </div>
    </EditingContext>
  );
}

/** About a quarter of the window, within what forms can use. */
const inspectorWidth = () => Math.round(Math.min(480, Math.max(380, window.innerWidth * 0.27)));
