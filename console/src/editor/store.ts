import { history, invertedEffects, isolateHistory, redo, redoDepth, undo, undoDepth } from '@codemirror/commands';
import { ChangeSet, EditorState, type Extension, StateEffect, StateField, type StateCommand, type Transaction, type TransactionSpec } from '@codemirror/state';
import type { Json } from '../graph/json';
import type { StatePath } from '../graph/path';
import type { Fault } from '../ui/jsonFault';
import { type Codec, type Format, jsonCodec } from './codec';
import type { Change } from './patch';

type LineEnd = '\n' | '\r\n';

/** What the page shows of a definition at one moment. */
export interface Snapshot {
  /** With plain line ends, whatever the file has; see `fileOf`. */
  readonly text: string;
  readonly lineEnd: LineEnd;
  readonly format: Format;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** What can be read of the text. */
  readonly value: Json | undefined;
  /** Why the text is not a definition as it stands, though some of it may be read. */
  readonly problem: Fault | undefined;
}

interface View {
  dispatch: (spec: TransactionSpec) => void;
  focus: () => void;
}

const setFormat = StateEffect.define<Format>();

/** The format belongs to the text, so undoing a conversion brings both back. */
const formatField = StateField.define<Format>({
  create: () => 'json',
  update: (format, transaction) => transaction.effects.reduce((now, effect) => (effect.is(setFormat) ? effect.value : now), format),
});
const formatHistory = invertedEffects.of((transaction) =>
  transaction.effects.filter((effect) => effect.is(setFormat)).map(() => setFormat.of(transaction.startState.field(formatField))),
);

const setLineEnd = StateEffect.define<LineEnd>();

/** The text knows lines, not how the file that it came from ends them: that is kept beside it, and undone with it. */
const lineEndField = StateField.define<LineEnd>({
  create: () => '\n',
  update: (end, transaction) => transaction.effects.reduce((now, effect) => (effect.is(setLineEnd) ? effect.value : now), end),
});
const lineEndHistory = invertedEffects.of((transaction) =>
  transaction.effects.filter((effect) => effect.is(setLineEnd)).map(() => setLineEnd.of(transaction.startState.field(lineEndField))),
);
const lineEndOf = (text: string): LineEnd => (text.includes('\r\n') ? '\r\n' : '\n');

/** Which state was chosen before a step and which one after it. */
export interface Way {
  readonly from: StatePath | undefined;
  readonly to: StatePath | undefined;
}

const setWay = StateEffect.define<Way>();

/** What a step led to, undoing it leads back from. */
const wayHistory = invertedEffects.of((transaction) =>
  transaction.effects.filter((effect) => effect.is(setWay)).map(({ value: { from, to } }) => setWay.of({ from: to, to: from })),
);

/** Where the way leads from the state that is chosen: the one that it begins with, or one inside that is there no more. */
export function along(selected: StatePath | undefined, { from, to }: Way, isThere: (path: StatePath) => boolean): StatePath | undefined {
  if (selected === from) return to;
  const isInside = selected !== undefined && from !== undefined && to !== undefined && selected.startsWith(`${from}/`) && !isThere(selected);
  return isInside ? to + selected.slice(from.length) : selected;
}

/** So many steps can be undone; each holds only what it changed. */
const UNDO_STEPS = 1_000;

/**
 * The definition that is being edited: one text with one history, whether a person types it or the designer changes it.
 * The text lives in a CodeMirror state; a view may show it, and need not.
 */
export class DefinitionStore {
  private current: EditorState;
  private snapshot: Snapshot | undefined;
  private kept: { value: Json } | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly codecs = new Map<Format, Codec>([['json', jsonCodec]]);
  private view: View | undefined;
  /** The keyboard is meant to be where the text is, as soon as it is shown. */
  private isAwaited = false;

  constructor(text: string, extensions: Extension = []) {
    const lineEnd = lineEndField.init(() => lineEndOf(text));
    const base = [history({ minDepth: UNDO_STEPS }), formatField, formatHistory, lineEnd, lineEndHistory, wayHistory];
    this.current = EditorState.create({ doc: text, extensions: [base, extensions] });
  }

  get state(): EditorState {
    return this.current;
  }

  get codec(): Codec {
    return this.codecs.get(this.current.field(formatField)) ?? jsonCodec;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): Snapshot => (this.snapshot ??= snapshotOf(this.current, this.codec, this.keep));

  /** For what must not wait, completions: a long text as it was when it was last read. */
  readonly lately = (): Pick<Snapshot, 'value' | 'format'> => {
    const now = this.read();
    return now.text.length < LONG || this.kept === undefined ? now : { value: this.kept.value, format: now.format };
  };

  private readonly keep = (value: Json | undefined) => {
    if (value !== undefined) this.kept = { value };
  };

  /** While a view shows the state, changes go through it; what is handed back ends that. */
  show(view: View): () => void {
    this.view = view;
    if (this.isAwaited) view.focus();
    this.isAwaited = false;
    return () => {
      if (this.view === view) this.view = undefined;
    };
  }

  /** The view's word that the state is now this one. */
  accept(state: EditorState): void {
    if (state === this.current) return;
    const isSame = state.doc === this.current.doc && undoDepth(state) === undoDepth(this.current);
    this.current = state;
    if (isSame) return;
    this.snapshot = undefined;
    this.listeners.forEach((listener) => listener());
  }

  /** Puts the cursor there and the keyboard into the text: at once, or when a view shows it. */
  goTo(offset: number): void {
    this.dispatch({ selection: { anchor: Math.min(offset, this.current.doc.length) }, scrollIntoView: true });
    this.isAwaited = this.view === undefined;
    this.view?.focus();
  }

  /** Makes the changes as one step of the history, which another state may be chosen by; false if the text cannot take them. */
  change(changes: readonly Change[], way?: Way): boolean {
    const { doc } = this.current;
    let text = doc.toString();
    let all = ChangeSet.empty(text.length);
    for (const change of changes) {
      const edit = this.codec.edit(text, change);
      if (edit === undefined) continue;
      const set = ChangeSet.of(edit, text.length);
      all = all.compose(set);
      text = text.slice(0, edit.from) + edit.insert + text.slice(edit.to);
    }
    if (all.empty) return false;
    this.dispatch({ changes: all, effects: way === undefined ? [] : setWay.of(way), annotations: isolateHistory.of('full'), userEvent: 'input.designer' });
    return true;
  }

  /** The whole text anew: an imported file, a template. */
  replace(text: string, format: Format = this.codec.format, lineEnd: LineEnd = lineEndOf(text)): void {
    this.dispatch({
      changes: { from: 0, to: this.current.doc.length, insert: text },
      effects: [setFormat.of(format), setLineEnd.of(lineEnd)],
      annotations: isolateHistory.of('full'),
    });
  }

  /** Writes the definition in another format; a text that reads as that and not as its own stays as it is. False if it reads as neither. */
  convert(codec: Codec): boolean {
    this.codecs.set(codec.format, codec);
    const { text, value, problem } = this.read();
    const isRead = value !== undefined && problem === undefined;
    if (!isRead && (codec.problem(text) !== undefined || codec.read(text) === undefined)) return false;
    this.replace(isRead ? codec.write(value) : text, codec.format, this.current.field(lineEndField));
    return true;
  }

  /** Makes a format known without switching to it. */
  know(codec: Codec): void {
    this.codecs.set(codec.format, codec);
  }

  /** Both hand back where the step leads the choice of a state, if it does. */
  readonly undo = (): Way | undefined => this.turn(undo);
  readonly redo = (): Way | undefined => this.turn(redo);

  private turn(command: StateCommand): Way | undefined {
    let way: Way | undefined;
    const dispatch = (transaction: Transaction) => {
      way = transaction.effects.find((effect) => effect.is(setWay))?.value;
      this.dispatch(transaction);
    };
    command({ state: this.current, dispatch });
    return way;
  }

  private dispatch(spec: TransactionSpec): void {
    if (this.view !== undefined) this.view.dispatch(spec);
    else this.accept(this.current.update(spec).state);
  }
}

/** Reading a text this long takes longer than a person types a letter. */
export const LONG = 200_000;

function snapshotOf(state: EditorState, codec: Codec, keep: (value: Json | undefined) => void): Snapshot {
  const text = state.doc.toString();
  const value = once(() => {
    const read = codec.read(text);
    keep(read);
    return read;
  });
  const problem = once(() => codec.problem(text));
  return {
    text,
    lineEnd: state.field(lineEndField),
    format: codec.format,
    canUndo: undoDepth(state) > 0,
    canRedo: redoDepth(state) > 0,
    get value() {
      return value();
    },
    get problem() {
      return problem();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { is: T } | undefined;
  return () => (made ??= { is: make() }).is;
}

/** A text as it stands in a file that ends its lines as the one that was opened. */
export const fileOf = (text: string, { lineEnd }: Pick<Snapshot, 'lineEnd'>): string => (lineEnd === '\n' ? text : text.replaceAll('\n', lineEnd));

/**
 * The definition as the API takes it: JSON. The text itself where it is that, and where it is broken: the server is to
 * refuse it, not to keep the half that could be read.
 */
export function jsonOf(snapshot: Snapshot): string {
  const isText = snapshot.format === 'json' || snapshot.problem !== undefined;
  return fileOf(isText ? snapshot.text : JSON.stringify(snapshot.value, null, 2), snapshot);
}
