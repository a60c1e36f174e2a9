import Box from '@cloudscape-design/components/box';
import { useMemo } from 'react';
import { COMPARED_CHARS_MAX, differs, linePairs, same, valueOf } from './diff';
import { Payload } from './Payload';
import { SideBySide } from './SideBySide';

interface Props {
  /** "Input". */
  readonly name: string;
  readonly left: string | undefined;
  readonly right: string | undefined;
}

/** A datum of two executions: once if it is the same in both, else side by side. */
export function ValueDiff({ name, left, right }: Props) {
  const isLong = (left?.length ?? 0) + (right?.length ?? 0) > COMPARED_CHARS_MAX;
  const pairs = useMemo(() => (left === right || isLong ? [] : linePairs(valueOf(left), valueOf(right))), [left, right, isLong]);
  const isSame = left === right || (!isLong && !differs(pairs) && same(valueOf(left), valueOf(right)));
  return (
    <section aria-label={name}>
      <Box variant="h4">
        {name} <Box variant="small" display="inline">{isSame ? (left === undefined ? 'none' : 'the same') : words(left, right)}</Box>
      </Box>
      {isSame ? left === undefined ? null : <Payload name={name} text={left} /> : differs(pairs) ? <SideBySide pairs={pairs} label={name} /> : <Both name={name} left={left} right={right} />}
    </section>
  );
}

function words(left: string | undefined, right: string | undefined): string {
  if (left === undefined) return 'only in B';
  return right === undefined ? 'only in A' : 'different';
}

/** Too long to mark what differs. */
function Both({ name, left, right }: Props) {
  return (
    <>
      <p className="ex-quiet">What differs is not marked in values as long as these.</p>
      <div className="ex-two">
        <Payload name={`${name} of A`} text={left} />
        <Payload name={`${name} of B`} text={right} />
      </div>
    </>
  );
}
