import './code.css';

interface Props {
  /** What it is, for screen readers: "log". */
  readonly name: string;
  readonly text: string;
  /** Breaks long lines; they scroll otherwise. */
  readonly wraps?: boolean;
}

/** A text for machines to read, in a box that scrolls. */
export function CodeBox({ name, text, wraps = false }: Props) {
  return (
    <div className={wraps ? 'code-box code-box-wrapped' : 'code-box'}>
      <pre tabIndex={0} aria-label={name}>
        {text}
      </pre>
    </div>
  );
}
