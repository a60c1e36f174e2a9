import { useMemo } from 'react';
import { CodeBox } from './CodeBox';
import { CopyButton } from './CopyButton';
import { pretty } from './json';
import './json.css';

interface Props {
  readonly text: string;
  /** What it is, for the copy button and screen readers: "input". */
  readonly name: string;
  /** Breaks long lines; they scroll otherwise. */
  readonly wraps?: boolean;
}

/** JSON to read, indented, in a box that scrolls. */
export function JsonView({ text, name, wraps = false }: Props) {
  // It may be a megabyte, and the page around it is drawn at each click.
  const shown = useMemo(() => pretty(text), [text]);
  return (
    <div className="json-view">
      <div className="json-copy">
        <CopyButton text={shown} name={name} />
      </div>
      <CodeBox wraps={wraps} name={name} text={shown} />
    </div>
  );
}
