import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { useDeferredValue } from 'react';
import { notify } from '../app/notifications';
import { Graph, type Orientation, type StateDiagnostics, type StatePath } from '../graph';
import { jsonCodec } from './codec';
import { CodeEditor } from './CodeEditor';
import { Side } from './Side';
import type { Editor } from './useEditor';
import type { Findings } from './useFindings';

interface Props {
  readonly editor: Editor;
  readonly findings: Findings;
  readonly found: ReadonlyMap<StatePath, StateDiagnostics>;
  readonly orientation: Orientation;
  readonly onOrientation: (orientation: Orientation) => void;
}

/** The text with the server's findings, and what it draws beside it. */
export function Code({ editor, findings, found, orientation, onOrientation }: Props) {
  const { store, snapshot, selected, select } = editor;
  const drawn = useDeferredValue(snapshot);
  const turn = async (format: string) => {
    const codec = format === 'json' ? jsonCodec : (await import('./yaml')).yamlCodec;
    if (codec.format !== store.codec.format && !store.convert(codec)) {
      notify.info('The text cannot be converted yet', 'It has to be readable first: see the marks in its margin.');
    }
  };
  return (
    <div className="ce-text">
      <section className="ce-source" aria-label="Definition">
        <div className="ce-bar">
          <SegmentedControl
            selectedId={snapshot.format}
            options={[{ id: 'json', text: 'JSON' }, { id: 'yaml', text: 'YAML' }]}
            onChange={({ detail }) => void turn(detail.selectedId).catch((error: unknown) => notify.error('The text could not be converted', error))}
            label="Format"
          />
        </div>
        <CodeEditor store={store} findings={findings} reveal={selected} onState={select} />
      </section>
      <Side id="graph" name="Graph" side="end" width={Math.round(window.innerWidth / 2)} min={240} share={0.75}>
        <div className="ce-canvas">
          <Graph
            definition={drawn.format === 'json' ? drawn.text : drawn.value} label={editor.name} selected={selected} onSelect={select}
            diagnostics={found} orientation={orientation} onOrientation={onOrientation}
          />
        </div>
      </Side>
    </div>
  );
}
