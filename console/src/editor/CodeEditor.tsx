import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { mount, readAs } from './codemirror';
import { type Finding, placesIn } from './findings';
import { cursorAt } from './complete';
import { keysOfState, stateAt } from './locate';
import type { DefinitionStore } from './store';
import type { Findings } from './useFindings';

interface Props {
  readonly store: DefinitionStore;
  readonly findings: Findings;
  /** A state that was chosen elsewhere: its place is shown. */
  readonly reveal: string | undefined;
  readonly onState: (path: string | undefined) => void;
}

/** The text of the definition. The store keeps it, so nothing is lost when another view is shown. */
export function CodeEditor({ store, findings, reveal, onState }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const told = useRef<string>(undefined);
  const tell = useRef(onState);
  useEffect(() => {
    tell.current = onState;
  });

  useEffect(() => {
    if (host.current === null) return;
    const made = mount(host.current, (root) => new EditorView({
      root,
      parent: root,
      state: store.state,
      scrollTo: EditorView.scrollIntoView(store.state.selection.main.head, { y: 'center' }),
      dispatchTransactions: (transactions, editor) => {
        const before = store.codec.format;
        editor.update(transactions);
        store.accept(editor.state);
        if (store.codec.format !== before) editor.dispatch({ effects: readAs(store.codec.format) });
        if (transactions.some((one) => one.selection !== undefined && one.isUserEvent('select'))) follow(editor);
      },
    }));
    const follow = (editor: EditorView) => {
      const path = stateOf(store, editor.state.selection.main.head);
      if (path === told.current) return;
      told.current = path;
      tell.current(path);
    };
    made.dispatch({ effects: readAs(store.codec.format) });
    view.current = made;
    const hide = store.show(made);
    return () => {
      hide();
      made.destroy();
    };
  }, [store]);

  useEffect(() => {
    const { current } = view;
    if (current === undefined || current.state.doc.toString() !== findings.text) return;
    current.dispatch(setDiagnostics(current.state, marks(store, findings.list)));
  }, [findings, store]);

  useEffect(() => {
    const { current } = view;
    if (current === undefined || reveal === told.current) return;
    told.current = reveal;
    if (reveal !== undefined) host.current?.scrollIntoView({ block: 'nearest' });
    // The cursor may already be in it, at the very place that is meant.
    if (reveal === undefined || reveal === stateOf(store, current.state.selection.main.head)) return;
    const span = spanOfState(store, reveal);
    if (span !== undefined) current.dispatch({ selection: { anchor: span.from }, effects: EditorView.scrollIntoView(span.from, { y: 'start', yMargin: 40 }) });
  }, [reveal, store]);

  return <div className="ce-code" ref={host} />;
}

function marks(store: DefinitionStore, findings: readonly Finding[]): Diagnostic[] {
  const place = placesIn(store.read().text, store.codec);
  return findings
    .map((finding): Diagnostic => ({ ...place(finding), severity: finding.severity === 'ERROR' ? 'error' : 'warning', message: finding.message, source: finding.code }))
    .sort((a, b) => a.from - b.from);
}

/** The state that the cursor is in. */
function stateOf(store: DefinitionStore, offset: number): string | undefined {
  return stateAt(cursorAt(store.read().text, offset, store.codec.format).keys);
}

function spanOfState(store: DefinitionStore, path: string) {
  const { text, value } = store.read();
  const keys = keysOfState(value, path);
  return keys === undefined ? undefined : store.codec.locate(text)(keys);
}
