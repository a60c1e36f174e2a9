import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Toggle from '@cloudscape-design/components/toggle';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { counted } from '../ui/counted';
import { useTyped } from '../ui/useTyped';
import { isDifferent, type Pair, pairsOf, slowerBy } from './compare';
import { PairPanel } from './PairPanel';
import { PairTable } from './PairTable';
import { withChanges } from './useSelection';
import type { Side } from './useSide';

const route = getRouteApi('/executions/$arn/compare');

/** The visits of states in both executions, and the one that is chosen. */
export function Steps({ left, right }: { readonly left: Side; readonly right: Side }) {
  const { pair: chosen, q = '', only, sort } = route.useSearch();
  const navigate = route.useNavigate();
  const search = (changes: Readonly<Record<string, string | undefined>>) =>
    void navigate({ search: (old) => withChanges(old, changes), replace: true, resetScroll: false });
  const [typed, type] = useTyped(q, (text) => search({ q: text }));
  const [a, b] = [left.history, right.history];
  const complete = a.complete && b.complete;
  const read = a.count + b.count;
  // The models grow; how many events they hold says when to look again.
  const pairs = useMemo(() => (complete && read >= 0 ? pairsOf(a.model, b.model) : []), [complete, read, a.model, b.model]);
  const rows = useMemo(() => rowsOf(pairs, q, only !== undefined, sort !== undefined), [pairs, q, only, sort]);
  const pair = pairs.find(({ key }) => key === chosen);
  const different = useMemo(() => pairs.filter(isDifferent).length, [pairs]);
  return (
    <Container header={<Header variant="h2" counter={complete ? `(${different} of ${pairs.length} differ)` : ''}>Steps</Header>}>
      <div className="ex-bar">
        <div className="ex-grow"><Input type="search" placeholder="Find steps by name" ariaLabel="Find steps by name" value={typed} onChange={({ detail }) => type(detail.value)} /></div>
        <Toggle checked={only !== undefined} onChange={({ detail }) => search({ only: detail.checked ? 'differences' : undefined })}>Only differences</Toggle>
        {complete ? null : <span className="ex-quiet" role="status">Reading the histories, {counted(read, 'event')} so far</span>}
      </div>
      <div className="ex-room">
        <div className="ex-split" data-open={pair !== undefined || undefined} data-of="pairs">
          <PairTable
            rows={rows} chosen={chosen} bySlower={sort !== undefined} empty={!complete ? 'Reading the histories' : only !== undefined && q === '' ? 'Nothing differs but the time' : 'No steps'}
            onChoose={({ key }) => search({ pair: key })} onSort={() => search({ sort: sort === undefined ? 'slower' : undefined })}
          />
          {pair === undefined ? null : <PairPanel pair={pair} left={left} right={right} onClose={() => search({ pair: undefined })} />}
        </div>
      </div>
    </Container>
  );
}

function rowsOf(pairs: readonly Pair[], text: string, onlyDifferent: boolean, bySlower: boolean): readonly Pair[] {
  const wanted = text.trim().toLocaleLowerCase();
  const found = pairs.filter((pair) => (!onlyDifferent || isDifferent(pair)) && pair.title.toLocaleLowerCase().includes(wanted));
  return bySlower ? found.sort((one, other) => (slowerBy(other) ?? -Infinity) - (slowerBy(one) ?? -Infinity) || 0) : found;
}
