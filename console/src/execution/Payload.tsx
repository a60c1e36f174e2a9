import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { JsonView } from '../ui/JsonView';
import { saveFile } from '../ui/saveFile';
import { sizeText } from '../ui/size';

interface Props {
  readonly name: string;
  readonly text: string | undefined;
  /** The history itself left something out. */
  readonly truncated?: boolean;
}

/** Longer texts begin folded. */
const FOLDED_CHARS = 50_000;
const SHOWN_CHARS = 2000;

/** A state's data: all of it, or the beginning of what is long. */
export function Payload({ name, text, truncated = false }: Props) {
  const [open, setOpen] = useState(false);
  if (text === undefined) return <span className="ex-quiet">None</span>;
  const isLong = text.length > FOLDED_CHARS;
  return (
    <SpaceBetween size="xs">
      {truncated ? <span className="ex-quiet">The history holds the beginning only.</span> : null}
      <JsonView wraps name={name} text={isLong && !open ? `${text.slice(0, SHOWN_CHARS)}…` : text} />
      {isLong ? (
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => setOpen(!open)}>{open ? 'Fold' : `Show all ${sizeText(new TextEncoder().encode(text).length)}`}</Button>
          <Button iconName="download" onClick={() => saveFile(text, `${name}.json`, 'application/json')}>Download</Button>
        </SpaceBetween>
      ) : null}
    </SpaceBetween>
  );
}
