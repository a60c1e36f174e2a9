import { useMemo, useState } from 'react';
import type { LinePair } from './diff';
import { folded } from './folded';

/** Two printed values beside each other, or below each other where there is no room, with what differs marked. */
export function SideBySide({ pairs, label }: { readonly pairs: readonly LinePair[]; readonly label: string }) {
  const [whole, setWhole] = useState(false);
  const shown = useMemo(() => (whole ? pairs : folded(pairs)), [whole, pairs]);
  return (
    <div className="ex-sides" role="region" tabIndex={0} aria-label={label}>
      {shown.map((line, index) =>
        'skipped' in line ? (
          <button key={index} type="button" onClick={() => setWhole(true)}>{line.skipped} equal lines</button>
        ) : (
          <div key={index} data-mark={line.mark}>
            <span data-side="left">{line.left}</span>
            <span data-side="right">{line.right}</span>
          </div>
        ),
      )}
    </div>
  );
}
