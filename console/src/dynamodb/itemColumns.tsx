import type { TableProps } from '@cloudscape-design/components/table';
import { at, type Place, PlaceLink } from '../app/link';
import type { Item, Table } from '../aws/dynamodb';
import { keyOf, keysOf } from './find';
import { own, toShort } from './marshal';

/** Wider tables are read item by item. */
const COLUMNS_MAX = 12;

export function itemPlace(table: Table, item: Item): Place {
  return at('dynamodb', table.TableName, 'item', { key: JSON.stringify(keyOf(table, item)) });
}

/** The table's key, then what else the items have. */
export function ITEM_COLUMNS(table: Table, items: readonly Item[]): readonly TableProps.ColumnDefinition<Item>[] {
  const { hash, range } = keysOf(table.KeySchema);
  const keys = range === undefined ? [hash] : [hash, range];
  const others = [...new Set(items.flatMap((item) => Object.keys(item)))].filter((name) => !keys.includes(name)).sort();
  return [...keys, ...others].slice(0, COLUMNS_MAX).map((name) => ({
    id: name,
    header: keys.includes(name) ? `${name} (${name === hash ? 'partition key' : 'sort key'})` : name,
    minWidth: 110,
    isRowHeader: name === hash,
    cell: (item: Item) => {
      const value = own(item, name);
      const text = value === undefined ? '-' : toShort(value);
      const shown = <span className="cell">{text === '' ? '(empty)' : text}</span>;
      return name === hash ? <PlaceLink to={itemPlace(table, item)}>{shown}</PlaceLink> : shown;
    },
  }));
}
