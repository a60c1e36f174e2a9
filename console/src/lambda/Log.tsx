import './lambda.css';

/** Lines of a log to read, in a box that scrolls. */
export function Log({ text, name }: { readonly text: string; readonly name: string }) {
  return (
    <div className="log">
      <pre tabIndex={0} aria-label={name}>
        {text}
      </pre>
    </div>
  );
}
