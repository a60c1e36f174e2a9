import Button from '@cloudscape-design/components/button';
import { useMemo, useRef, useState } from 'react';
import type { Orientation, StatePath } from '../graph';
import { StartDialog } from '../machines/StartDialog';
import { useCopyCli } from '../ui/CopyCli';
import { withPlace } from '../ui/json';
import { LeaveDialog } from '../ui/LeaveDialog';
import { Code } from './Code';
import { type Config, createInput, settings } from './config';
import { ConfigForm } from './ConfigForm';
import { Design } from './Design';
import './editor.css';
import { EditorHeader, type Mode } from './EditorHeader';
import { byState } from './findings';
import { OverwriteDialog } from './OverwriteDialog';
import { Problems } from './Problems';
import { Refusal, RefusalBanner } from './Refusal';
import { SaveAsDialog } from './SaveAsDialog';
import { fileOf, jsonOf } from './store';
import { useEditor } from './useEditor';
import { useFindings } from './useFindings';
import { useGoTo } from './useGoTo';
import { useSaving } from './useSaving';
import { useStore } from './useStore';

interface Props {
  /** The state machine that is edited; none while it is being made. */
  readonly arn?: string;
  readonly text: string;
  readonly revision?: string | undefined;
  readonly config: Config;
  readonly mode: Mode;
  readonly selected: StatePath | undefined;
  readonly onMode: (mode: Mode) => void;
  readonly onSelect: (path: StatePath | undefined) => void;
}

/** Design, Code and Config of one state machine. */
export function StateMachineEditor({ arn, text, revision, config: first, mode, selected, onMode, onSelect }: Props) {
  const { store, snapshot } = useStore(text);
  const [config, setConfig] = useState(first);
  const now = fileOf(snapshot.text, snapshot);
  const [saved, setSaved] = useState({ text: now, config: first });
  const [orientation, setOrientation] = useState<Orientation>('vertical');
  const [dialog, setDialog] = useState<'start' | 'save-as'>();
  const findings = useFindings(snapshot, config.type);
  const found = useMemo(() => byState(findings.list), [findings]);
  const isDirty = now !== saved.text || config !== saved.config;
  // Where no graph is seen no state is chosen: no key may take it away.
  const editor = useEditor({ name: config.name, store, snapshot, selected: mode === 'config' ? undefined : selected, select: onSelect });
  const definition = useMemo(() => jsonOf(snapshot), [snapshot]);
  const { toFinding, toPlace } = useGoTo({ store, mode, onMode, onSelect });
  const copyCli = useCopyCli();
  const left = useRef(false);
  const save = useSaving({
    arn, revision, saved: saved.config, onLeave: () => { left.current = true; },
    onSaved: (kept) => setSaved({ text: now, config: kept }),
  });
  const input = arn === undefined ? createInput(config, definition) : { stateMachineArn: arn, definition, ...settings(config) };
  const broken = snapshot.problem && withPlace(snapshot.text, snapshot.problem);
  // It is about what was sent: once that is changed it says nothing any more.
  const refused = save.refused?.definition === definition && save.refused.config === config ? save.refused : undefined;
  const start = async () => {
    if (!isDirty || (await save.update(config, definition))) setDialog('start');
  };
  const view = { editor, found, orientation, onOrientation: setOrientation };
  return (
    <div className={mode === 'config' ? 'ce-editor ce-long' : 'ce-editor'}>
      <EditorHeader
        editor={editor} mode={mode} onMode={onMode} isDirty={isDirty}
        onCopyCli={() => void copyCli({ service: 'stepfunctions', operation: arn === undefined ? 'CreateStateMachine' : 'UpdateStateMachine', input })}
        onSaveAs={arn === undefined ? undefined : () => setDialog('save-as')}
      >
        {arn === undefined ? null : <Button loading={save.isBusy} onClick={start}>{isDirty ? 'Save and start' : 'Start execution'}</Button>}
        <Button
          variant="primary" loading={save.isBusy} disabled={arn !== undefined && !isDirty}
          onClick={() => void (arn === undefined ? save.create(config, definition) : save.update(config, definition))}
        >
          {arn === undefined ? 'Create' : 'Save'}
        </Button>
      </EditorHeader>
      {refused === undefined ? null : <RefusalBanner refused={refused} broken={broken} onPlace={toPlace} onDismiss={save.dismiss} />}
      {mode === 'design' ? <Design {...view} /> : null}
      {mode === 'code' ? <Code {...view} findings={findings} /> : null}
      {mode === 'config' ? <ConfigForm config={config} onChange={setConfig} isNew={arn === undefined} /> : null}
      <Problems findings={findings} text={snapshot.text} codec={store.codec} onChoose={toFinding} />
      {dialog === 'start' && arn !== undefined ? <StartDialog machine={{ stateMachineArn: arn, type: config.type }} onClose={() => setDialog(undefined)} /> : null}
      {dialog === 'save-as' ? (
        <SaveAsDialog
          config={config} definition={definition} onSave={async (renamed) => { await save.make(renamed, definition); }} onClose={() => setDialog(undefined)}
          explain={(error) => <Refusal error={error} broken={broken} onPlace={(location) => { setDialog(undefined); toPlace(location); }} />}
        />
      ) : null}
      {save.isElsewhere ? <OverwriteDialog name={config.name} onSave={() => save.update(config, definition, 'overwrite')} onClose={save.forget} /> : null}
      <LeaveDialog isDirty={() => isDirty && !left.current} />
    </div>
  );
}
