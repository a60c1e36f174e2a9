import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionSource } from '@codemirror/autocomplete';
import { defaultKeymap, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Format } from './codec';

/** Colours come from the page (editor.css): a variable reaches into the shadow root, a class does not. */
const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', color: 'var(--ce-text)', backgroundColor: 'var(--ce-paper)' },
  '&.cm-focused': { outline: '2px solid var(--ce-accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--canter-mono)', lineHeight: '1.5' },
  '.cm-gutters': { backgroundColor: 'var(--ce-gutter)', color: 'var(--ce-quiet)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--ce-line)' },
  '.cm-cursor': { borderLeftColor: 'var(--ce-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--ce-selection)' },
  '.cm-tooltip, .cm-panels': { backgroundColor: 'var(--ce-gutter)', color: 'var(--ce-text)', border: '1px solid var(--ce-quiet)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--ce-accent)', color: 'var(--ce-paper)' },
  '.cm-diagnostic': { whiteSpace: 'pre-wrap', maxWidth: '480px' },
  '.cm-panel input, .cm-panel button': { font: 'inherit', color: 'inherit', background: 'var(--ce-paper)' },
});

const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--ce-name)' },
  { tag: [tags.string, tags.content], color: 'var(--ce-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword, tags.atom], color: 'var(--ce-literal)' },
  { tag: [tags.comment, tags.meta], color: 'var(--ce-quiet)', fontStyle: 'italic' },
]);

const language = new Compartment();
const languages: Record<Format, () => Extension> = { json, yaml };

/** The effect that makes a state read another format. */
export const readAs = (format: Format) => language.reconfigure(languages[format]());

/** All that an editor of a definition has; the history belongs to whoever keeps the state, its keys to the text. */
export function definitionExtensions(complete: CompletionSource): Extension {
  return [
    lineNumbers(),
    highlightActiveLineGutter(),
    foldGutter(),
    lintGutter(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    search({ top: true }),
    keymap.of([{ key: 'Tab', run: acceptCompletion }, ...historyKeymap, ...foldKeymap, ...searchKeymap, ...lintKeymap]),
    EditorView.contentAttributes.of({ 'aria-label': 'Definition' }),
    basics('json', complete),
  ];
}

/** A small box for one JSON value. */
export function boxExtensions(label: string, complete: CompletionSource): Extension {
  return [EditorView.lineWrapping, EditorView.contentAttributes.of({ 'aria-label': label }), basics('json', complete)];
}

function basics(format: Format, complete: CompletionSource): Extension {
  return [
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    // What can be edited has the focus anyway; a scroller around it is taken for one that keys cannot reach unless this says so.
    EditorView.contentAttributes.of({ tabindex: '0' }),
    indentOnInput(),
    indentUnit.of('  '),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ override: [complete], activateOnTyping: true }),
    // Escape, then Tab leaves the editor: CodeMirror's own way out for keyboards.
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, indentWithTab]),
    language.of(languages[format]()),
    syntaxHighlighting(highlight),
    theme,
  ];
}

/**
 * Puts a view into a shadow root inside the element: there CodeMirror's styles are adopted style sheets, which the
 * page's policy allows; elsewhere they are a `<style>`, which it does not.
 */
export function mount(element: HTMLElement, make: (root: ShadowRoot) => EditorView): EditorView {
  const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
  const view = make(root);
  view.dom.style.height = '100%';
  return view;
}
