import type { Row } from './rows';

/** A line's name, as deep as it stands, with the sign that folds it. */
export function NameCell({ row, onToggle }: { readonly row: Row; readonly onToggle: (row: Row) => void }) {
  const name = row.kind === 'run' ? row.run.name : row.title;
  return (
    <span className="ex-name" style={{ paddingInlineStart: row.depth * 16 }} title={name}>
      {row.open === undefined ? (
        <span className="ex-toggle" />
      ) : (
        <button
          type="button" className="ex-toggle" tabIndex={-1} aria-label={`${row.open ? 'Fold' : 'Unfold'} ${name}`} aria-expanded={row.open}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(row);
          }}
        >
          {row.open ? '▾' : '▸'}
        </button>
      )}
      <span className={row.kind === 'scope' ? 'ex-quiet' : ''} dir="auto">{name}</span>
    </span>
  );
}
