import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { type KeyboardEvent, memo, useId, useMemo, useState } from 'react';
import { nameOf } from '../graph/path';
import { counted } from '../ui/counted';
import { lineAndColumn } from '../ui/jsonFault';
import type { Codec } from './codec';
import { type Finding, placesIn } from './findings';
import type { Findings } from './useFindings';

interface Props {
  readonly findings: Findings;
  /** The text that is there now. */
  readonly text: string;
  /** The codec of that text. */
  readonly codec: Codec;
  /** Goes to the place of one. */
  readonly onChoose: (finding: Finding) => void;
}

/** What the server says of the definition: how many problems, and on demand each of them. */
export function Problems({ findings, text, codec, onChoose }: Props) {
  const [isOpen, setOpen] = useState(false);
  const list = useId();
  const close = ({ key, currentTarget }: KeyboardEvent<HTMLElement>) => {
    if (key !== 'Escape' || !isOpen) return;
    setOpen(false);
    currentTarget.querySelector('button')?.focus();
  };
  return (
    <section className="ce-foot" aria-label="Problems" onKeyDown={close}>
      <button type="button" className="ce-count" aria-expanded={isOpen} aria-controls={list} onClick={() => setOpen(!isOpen)}>
        <Said findings={findings} text={text} />
        <span className="ce-quiet">{isOpen ? 'Hide the list' : 'Show the list'}</span>
      </button>
      <div id={list} hidden={!isOpen}>{isOpen ? <List findings={findings} codec={codec} onChoose={onChoose} /> : null}</div>
    </section>
  );
}

/** Drawn when the server has spoken, not at every letter. */
const List = memo(function List({ findings: { list, isCut, text }, codec, onChoose }: Pick<Props, 'findings' | 'codec' | 'onChoose'>) {
  const place = useMemo(() => placesIn(text, codec), [text, codec]);
  if (list.length === 0) return <p className="ce-quiet">Nothing to mend.</p>;
  return (
    <ul className="ce-problems">
      {list.map((finding, at) => <li key={at}><Row finding={finding} line={lineAndColumn(text, place(finding).from).line} onChoose={onChoose} /></li>)}
      {isCut === true ? <li className="ce-quiet">{`These are the first ${list.length}; there are more.`}</li> : null}
    </ul>
  );
});

function Row({ finding, line, onChoose }: { readonly finding: Finding; readonly line: number } & Pick<Props, 'onChoose'>) {
  const { severity, state, message, code, location } = finding;
  return (
    <button type="button" className="ce-problem" onClick={() => onChoose(finding)}>
      <StatusIndicator type={severity === 'ERROR' ? 'error' : 'warning'}>{severity === 'ERROR' ? 'Error' : 'Warning'}</StatusIndicator>
      <span className="ce-quiet">{`Line ${line}`}</span>
      <span className="ce-problem-state">{state === undefined ? 'Workflow' : nameOf(state)}</span>
      <span className="ce-problem-message">{message} <span className="ce-quiet">{`${code}${location === '' ? '' : ` at ${location}`}`}</span></span>
    </button>
  );
}

/** In a word. */
function Said({ findings, text }: Pick<Props, 'findings' | 'text'>) {
  if (findings.text !== text) return <StatusIndicator type="in-progress">Checking</StatusIndicator>;
  if (findings.failure !== undefined && findings.list.length === 0) return <StatusIndicator type="warning">{`Not checked: ${findings.failure}`}</StatusIndicator>;
  const errors = findings.list.filter(({ severity }) => severity === 'ERROR').length;
  const warnings = findings.list.length - errors;
  if (errors + warnings === 0) return <StatusIndicator type="success">No problems</StatusIndicator>;
  const parts = [[errors, 'error'], [warnings, 'warning']] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => counted(count, word)).join(', ');
  return <StatusIndicator type={errors > 0 ? 'error' : 'warning'}>{`${told}${findings.isCut === true ? ' and more' : ''}`}</StatusIndicator>;
}
