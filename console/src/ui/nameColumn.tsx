import type { TableProps } from '@cloudscape-design/components/table';
import { type Place, PlaceLink } from '../app/link';

/** The column of what the rows are called, each a link to its page. */
export function nameColumn<Item extends Readonly<Record<Field, string>>, Field extends string>(
  field: Field,
  placeOf: (item: Item) => Place,
  header = 'Name',
): TableProps.ColumnDefinition<Item> {
  return {
    id: 'name',
    header,
    sortingField: field,
    minWidth: 180,
    isRowHeader: true,
    cell: (item) => <PlaceLink to={placeOf(item)}>{item[field]}</PlaceLink>,
  };
}
