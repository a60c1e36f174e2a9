import { durationText } from '../ui/time';
import { differencesOf, durationOf, type Pair, slowerBy } from './compare';
import { differenceText } from './differenceText';
import type { Run } from './model';
import { RunStatus } from './RunStatus';
import { type Column, VirtualTable } from './VirtualTable';

interface Props {
  readonly rows: readonly Pair[];
  /** The key of the one that is looked at. */
  readonly chosen: string | undefined;
  /** What took longer in the second execution stands first. */
  readonly bySlower: boolean;
  readonly empty: string;
  readonly onChoose: (pair: Pair) => void;
  readonly onSort: () => void;
}

/** Each step in both executions. */
export function PairTable({ rows, chosen, bySlower, empty, onChoose, onSort }: Props) {
  return <VirtualTable label="Steps of both" rows={rows} idOf={({ key }) => key} selected={chosen} onSelect={onChoose} empty={empty} columns={columns(bySlower, onSort)} />;
}

function columns(bySlower: boolean, onSort: () => void): Column<Pair>[] {
  return [
    { id: 'name', header: 'Step', width: 'minmax(150px, 2fr)', cell: ({ title }) => <span dir="auto" title={title}>{title}</span> },
    { id: 'differs', header: 'Differs in', width: 'minmax(110px, 1fr)', wraps: true, spare: 1, cell: (pair) => differencesOf(pair) || <span className="ex-quiet">-</span> },
    { id: 'a-status', header: 'Status in A', width: 'minmax(116px, 140px)', cell: ({ left }) => <StatusOf run={left} /> },
    { id: 'b-status', header: 'Status in B', width: 'minmax(116px, 140px)', cell: ({ right }) => <StatusOf run={right} /> },
    { id: 'a-took', header: 'Duration in A', width: '106px', cell: ({ left }) => tookText(left) },
    { id: 'b-took', header: 'Duration in B', width: '106px', cell: ({ right }) => tookText(right) },
    {
      id: 'slower', width: '110px', cell: (pair) => slowerText(pair), ...(bySlower ? { sort: 'descending' as const } : {}),
      header: <button type="button" onClick={onSort}>B − A {bySlower ? '▼' : '↕'}</button>,
    },
  ];
}

function StatusOf({ run }: { readonly run: Run | undefined }) {
  return run === undefined ? <span className="ex-quiet">Not entered</span> : <RunStatus run={run} />;
}

function tookText(run: Run | undefined): string {
  const seconds = durationOf(run);
  return seconds === undefined ? '-' : durationText(seconds);
}

function slowerText(pair: Pair): string {
  const seconds = slowerBy(pair);
  return seconds === undefined ? '-' : differenceText(seconds);
}
