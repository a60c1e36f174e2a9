import { CopyButton } from './CopyButton';
import './copied.css';

interface Props {
  readonly text: string;
  /** What it is: "ARN". */
  readonly name: string;
}

/** A text to read and to copy. */
export function Copied({ text, name }: Props) {
  return (
    <span className="copied">
      <CopyButton text={text} name={name} />
      {text}
    </span>
  );
}
