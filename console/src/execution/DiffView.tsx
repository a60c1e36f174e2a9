import type { Line } from './diff';

/** Printed JSON with what differs marked. */
export function DiffView({ lines, label }: { readonly lines: readonly Line[]; readonly label: string }) {
  return (
    <div className="ex-lines" role="region" tabIndex={0} aria-label={label}>
      {lines.map(({ text, mark }, index) => (
        <div key={index} data-mark={mark}>{text}</div>
      ))}
    </div>
  );
}
