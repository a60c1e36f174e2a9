import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { type ReactNode, useRef } from 'react';
import { notify } from '../app/notifications';
import { type ExportKind, exportAs, importFile } from './file';
import type { Editor } from './useEditor';

export type Mode = 'design' | 'code' | 'config';

interface Props {
  readonly editor: Editor;
  readonly mode: Mode;
  readonly onMode: (mode: Mode) => void;
  readonly isDirty: boolean;
  /** The buttons that save, start and copy. */
  readonly actions: ReactNode;
}

const MODES: { id: Mode; text: string }[] = [{ id: 'design', text: 'Design' }, { id: 'code', text: 'Code' }, { id: 'config', text: 'Config' }];

/** Name, modes and buttons over the editor. */
export function EditorHeader({ editor, mode, onMode, isDirty, actions }: Props) {
  const { store, snapshot, name } = editor;
  const file = useRef<HTMLInputElement>(null);
  const give = (kind: string) => void exportAs(kind as ExportKind, store, name).catch((error: unknown) => notify.error('The file could not be made', error));
  return (
    <div className="ce-header">
      <h1 className="ce-title">{name}{isDirty ? <span className="ce-dirty" title="There are changes that are not saved"> •</span> : null}</h1>
      <SegmentedControl selectedId={mode} options={MODES} onChange={({ detail }) => onMode(detail.selectedId as Mode)} label="Mode" />
      <div className="ce-actions">
        <Button iconName="undo" variant="icon" ariaLabel="Undo (Ctrl+Z)" disabled={!snapshot.canUndo} onClick={editor.undo} />
        <Button iconName="redo" variant="icon" ariaLabel="Redo (Ctrl+Shift+Z)" disabled={!snapshot.canRedo} onClick={editor.redo} />
        <ButtonDropdown
          items={[{ id: 'json', text: 'JSON' }, { id: 'yaml', text: 'YAML' }, { id: 'svg', text: 'SVG' }, { id: 'png', text: 'PNG' }]}
          onItemClick={({ detail }) => give(detail.id)}
        >
          Export
        </ButtonDropdown>
        <Button iconName="upload" onClick={() => file.current?.click()}>Import</Button>
        {actions}
      </div>
      <input
        ref={file} type="file" hidden accept=".json,.asl,.yaml,.yml,application/json" aria-label="File to import"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = '';
          if (chosen !== undefined) void importFile(chosen, store).catch((error: unknown) => notify.error('The file could not be read', error));
        }}
      />
    </div>
  );
}
