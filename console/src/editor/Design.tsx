import Alert from '@cloudscape-design/components/alert';
import { useState } from 'react';
import { Graph, type Orientation, type StateDiagnostics, type StatePath } from '../graph';
import type { Json } from '../graph/json';
import type { DropTarget } from '../graph/props';
import { Browser } from './Browser';
import { EditingContext } from './context';
import { Inspector } from './Inspector';
import { insert, move, rename, targetBehind } from './operations';
import { languageOf } from './place';
import type { Item } from './palette';
import { withPlace } from '../ui/json';
import type { Editor } from './useEditor';

interface Props {
  readonly editor: Editor;
  readonly found: ReadonlyMap<StatePath, StateDiagnostics>;
  readonly orientation: Orientation;
  readonly onOrientation: (orientation: Orientation) => void;
}

/** States browser, canvas and inspector. */
export function Design({ editor, found, orientation, onOrientation }: Props) {
  const { snapshot, selected, select, run } = editor;
  const [dragged, setDragged] = useState<Item>();
  const value: Json = snapshot.value ?? {};
  const put = (item: Item, target: DropTarget | undefined) => {
    if (target !== undefined) run(insert(value, target, item.title, item.state(languageOf(value))));
  };
  const drop = {
    active: dragged !== undefined,
    onDrop: (target: DropTarget) => {
      setDragged(undefined);
      if (dragged !== undefined) put(dragged, target);
    },
    onMove: (path: StatePath, target: DropTarget) => run(move(value, path, target)),
  };
  return (
    <EditingContext value={{ definition: value, change: editor.change }}>
      <div className="ce-design">
        <aside className="ce-pane ce-browser" aria-label="States browser">
          <Browser onInsert={(item) => put(item, targetBehind(value, selected))} onDrag={setDragged} />
        </aside>
        <div className="ce-canvas">
          <Graph
            definition={snapshot.format === 'json' ? snapshot.text : snapshot.value} label={editor.name} selected={selected} onSelect={select}
            diagnostics={found} drop={drop} orientation={orientation} onOrientation={onOrientation}
          />
        </div>
        <aside className="ce-pane ce-inspector" aria-label="Inspector">
          {snapshot.problem === undefined ? (
            <Inspector
              selected={selected} found={selected === undefined ? undefined : found.get(selected)}
              onRename={(name) => selected !== undefined && run(rename(value, selected, name))} onDuplicate={editor.duplicate} onDelete={editor.remove}
            />
          ) : (
            <Alert type="warning" header="The text cannot be read">
              {`${withPlace(snapshot.text, snapshot.problem)}. Mend it under Code, then the designer can change it.`}
            </Alert>
          )}
        </aside>
      </div>
    </EditingContext>
  );
}
