import Button from '@cloudscape-design/components/button';
import { useCallback, useMemo, useRef, useState } from 'react';
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
import { byState, type Finding } from './findings';
import { HeldBack } from './HeldBack';
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
import { isSame, thoseIn, type Unused, unusedFinding } from './unused';
import { useUnused } from './useUnused';
import type { Wanted } from './context';

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
  const texts = useUnused();
  // The definition is read only where there are any: a long one takes its time.
  const unused = useMemo(() => (texts.list.length === 0 ? [] : thoseIn(snapshot.value, texts.list)), [texts.list, snapshot]);
  const problems = useMemo(() => ({ ...findings, list: [...unused.map(unusedFinding), ...findings.list] }), [findings, unused]);
  const found = useMemo(() => byState(problems.list), [problems]);
  const isDirty = now !== saved.text || config !== saved.config || unused.length > 0;
  const [held, setHeld] = useState<readonly Unused[]>([]);
  const [wanted, setWanted] = useState<Wanted>();
  // Where no graph is seen no state is chosen: no key may take it away.
  const editor = useEditor({ name: config.name, store, snapshot, selected: mode === 'config' ? undefined : selected, select: onSelect, unused: texts });
  const definition = useMemo(() => jsonOf(snapshot), [snapshot]);
  const { toFinding, toPlace } = useGoTo({ store, mode, onMode, onSelect });
  const choose = useCallback((finding: Finding) => {
    setWanted({ keys: finding.keys });
    toFinding(finding);
  }, [toFinding]);
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
  /** Nothing is sent without what stands in the forms. */
  const complete = () => {
    setHeld(unused);
    return unused.length === 0;
  };
  const start = async () => {
    if (!complete()) return;
    if (!isDirty || (await save.update(config, definition))) setDialog('start');
  };
  const view = { editor, found, orientation, onOrientation: setOrientation };
  return (
    <div className={mode === 'config' ? 'ce-editor ce-long' : 'ce-editor'}>
      <EditorHeader
        editor={editor} mode={mode} onMode={onMode} isDirty={isDirty}
        onCopyCli={() => void copyCli({ service: 'stepfunctions', operation: arn === undefined ? 'CreateStateMachine' : 'UpdateStateMachine', input })}
        onSaveAs={arn === undefined ? undefined : () => { if (complete()) setDialog('save-as'); }}
      >
        {arn === undefined ? null : <Button loading={save.isBusy} onClick={start}>{isDirty ? 'Save and start' : 'Start execution'}</Button>}
        <Button
          variant="primary" loading={save.isBusy} disabled={arn !== undefined && !isDirty}
          onClick={() => { if (complete()) void (arn === undefined ? save.create(config, definition) : save.update(config, definition)); }}
        >
          {arn === undefined ? 'Create' : 'Save'}
        </Button>
      </EditorHeader>
      <HeldBack unused={unused.filter(({ keys }) => held.some((one) => isSame(one.keys, keys)))} onChoose={choose} onDismiss={() => setHeld([])} />
      {refused === undefined ? null : <RefusalBanner refused={refused} broken={broken} onPlace={toPlace} onDismiss={save.dismiss} />}
      {mode === 'design' ? <Design {...view} told={findings.list} wanted={wanted} /> : null}
      {mode === 'code' ? <Code {...view} findings={findings} /> : null}
      {mode === 'config' ? <ConfigForm config={config} onChange={setConfig} isNew={arn === undefined} /> : null}
      <Problems findings={problems} text={snapshot.text} codec={store.codec} onChoose={choose} />
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
