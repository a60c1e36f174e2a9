import { history, historyKeymap } from '@codemirror/commands';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { boxExtensions, mount } from './codemirror';
import { useEditing } from './context';
import type { Key } from './patch';
import { isSame } from './unused';
import { suggestionsIn } from './suggest';

interface Props {
  readonly label: string;
  readonly value: string;
  /** The place of the value, for completions. */
  readonly keys: readonly Key[];
  readonly onChange: (text: string) => void;
  readonly onBlur: () => void;
}

/** A few lines of JSON with the colours and completions of the large editor. */
export function JsonBox({ label, value, keys, onChange, onBlur }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const { definition, wanted } = useEditing();
  const now = useRef({ onChange, onBlur, definition, keys, value });
  useEffect(() => {
    now.current = { onChange, onBlur, definition, keys, value };
  });
  useEffect(() => {
    if (host.current === null) return;
    const complete = suggestionsIn(() => now.current);
    const made = mount(host.current, (root) => new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: now.current.value,
        extensions: [
          history(),
          keymap.of(historyKeymap),
          boxExtensions(label, complete),
          EditorView.updateListener.of((update) => {
            const text = update.state.doc.toString();
            if (update.docChanged && text !== now.current.value) now.current.onChange(text);
          }),
          EditorView.domEventHandlers({ blur: () => now.current.onBlur() }),
        ],
      }),
    }));
    view.current = made;
    return () => made.destroy();
  }, [label]);
  useEffect(() => {
    const { current } = view;
    if (current !== undefined && current.state.doc.toString() !== value) {
      current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
    }
  }, [value]);
  useEffect(() => {
    if (wanted === undefined || !isSame(wanted.keys, now.current.keys)) return;
    view.current?.focus();
    host.current?.scrollIntoView({ block: 'nearest' });
  }, [wanted]);
  return <div className="ce-box" ref={host} />;
}
