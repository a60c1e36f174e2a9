import { Status } from '../ui/Status';
import { keysOf } from './find';
import { useTable } from './useDynamo';

interface Props {
  readonly name: string;
}

/** Lists name tables only: a row asks for the rest when it is shown, once for all its cells. */
export function TableStatus({ name }: Props) {
  const { data } = useTable(name);
  return data === undefined ? <>-</> : <Status status={data.TableStatus} />;
}

export function KeyNames({ name }: Props) {
  const { data } = useTable(name);
  const { hash, range } = keysOf(data?.KeySchema ?? []);
  return <>{data === undefined ? '-' : range === undefined ? hash : `${hash}, ${range}`}</>;
}

export function ItemCount({ name }: Props) {
  return <>{useTable(name).data?.ItemCount ?? '-'}</>;
}
