import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { type ReactNode, useRef } from 'react';
import { notify } from '../app/notifications';
import { useMedia } from '../ui/useMedia';
import { type ExportKind, exportAs, importFile } from './file';
import type { Editor } from './useEditor';

export type Mode = 'design' | 'code' | 'config';

interface Props {
  readonly editor: Editor;
  readonly mode: Mode;
  readonly onMode: (mode: Mode) => void;
  readonly isDirty: boolean;
  readonly onCopyCli: () => void;
  /** None while it is being made. */
  readonly onSaveAs: (() => void) | undefined;
  /** The buttons that start and save. */
  readonly children: ReactNode;
}

const MODES: { id: Mode; text: string }[] = [{ id: 'design', text: 'Design' }, { id: 'code', text: 'Code' }, { id: 'config', text: 'Config' }];
const EXPORTS: { id: ExportKind; text: string }[] = [{ id: 'json', text: 'JSON' }, { id: 'yaml', text: 'YAML' }, { id: 'svg', text: 'SVG' }, { id: 'png', text: 'PNG' }];

/** Name, modes and buttons over the editor. */
export function EditorHeader({ editor, mode, onMode, isDirty, onCopyCli, onSaveAs, children }: Props) {
  const { store, snapshot, name } = editor;
  const file = useRef<HTMLInputElement>(null);
  const isNarrow = useMedia('(max-width: 600px)');
  const give = (kind: ExportKind) => void exportAs(kind, store, name).catch((error: unknown) => notify.error('The file could not be made', error));
  const act = (id: string) => {
    const kind = EXPORTS.find((one) => one.id === id)?.id;
    if (kind !== undefined) give(kind);
    else if (id === 'import') file.current?.click();
    else if (id === 'copy') onCopyCli();
    else onSaveAs?.();
  };
  return (
    <div className="ce-header">
      <h1 className="ce-title">{name}{isDirty ? <span className="ce-dirty" title="There are changes that are not saved"> •</span> : null}</h1>
      <SegmentedControl selectedId={mode} options={MODES} onChange={({ detail }) => onMode(detail.selectedId as Mode)} label="Mode" />
      <div className="ce-actions">
        <Button iconName="undo" variant="icon" ariaLabel="Undo (Ctrl+Z)" disabled={!snapshot.canUndo} onClick={editor.undo} />
        <Button iconName="redo" variant="icon" ariaLabel="Redo (Ctrl+Shift+Z)" disabled={!snapshot.canRedo} onClick={editor.redo} />
        <ButtonDropdown
          {...(isNarrow ? { variant: 'icon', ariaLabel: 'Actions' } : { children: 'Actions' })}
          expandToViewport
          items={[
            ...(onSaveAs === undefined ? [] : [{ id: 'save-as', text: 'Save as new' }]),
            { id: 'copy', text: 'Copy as CLI', iconName: 'copy' },
            { id: 'import', text: 'Import file', iconName: 'upload' },
            { text: 'Export', items: EXPORTS },
          ]}
          onItemClick={({ detail }) => act(detail.id)}
        />
        {children}
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
