import { useCollection } from '@cloudscape-design/collection-hooks';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import type { ReactNode } from 'react';
import { Empty, Unknown } from './Empty';
import { Problem } from './Problem';
import { counterText, type Listing, tableLabels } from './tables';

export interface ListTableProps<Item> {
  /** "Buckets", and one of them: "bucket". */
  readonly title: string;
  readonly one: string;
  readonly listing: Listing<Item>;
  readonly columns: readonly TableProps.ColumnDefinition<Item>[];
  /** Tells one from the others. */
  readonly nameOf: (item: Item) => string;
  /** What the filter looks in; the name if absent. */
  readonly textOf?: (item: Item) => string;
  /** The list is a page, not one among others, and has a filter: its text, and what to do when it changes. */
  readonly search?: { readonly text: string; readonly onChange: (text: string) => void };
  readonly sortBy?: { readonly field: string; readonly isDescending: boolean };
  readonly emptyText: string;
  readonly create?: ReactNode;
  /** The buttons, for what is selected; nothing can be selected without. */
  readonly actions?: (selected: readonly Item[]) => ReactNode;
}

/** A list that is read whole: filtered, sorted and paged here. */
export function ListTable<Item>(props: ListTableProps<Item>) {
  const { title, one, listing, nameOf, textOf = nameOf, search, sortBy, actions } = props;
  const noun = title.toLowerCase();
  const { items, filterProps, collectionProps, paginationProps, filteredItemsCount } = useCollection(listing.items, {
    filtering: {
      defaultFilteringText: search?.text ?? '',
      filteringFunction: (item, text) => textOf(item).toLowerCase().includes(text.toLowerCase()),
      empty: listing.unknown ? <Unknown /> : <Empty title={`No ${noun}`} text={props.emptyText} action={props.create} />,
      noMatch: <Empty title="No matches" text={`No ${one} has that in its name.`} />,
    },
    pagination: { pageSize: PAGE_ROWS },
    ...(sortBy === undefined
      ? {}
      : { sorting: { defaultState: { sortingColumn: { sortingField: sortBy.field }, isDescending: sortBy.isDescending } } }),
    selection: { trackBy: nameOf },
  });
  return (
    <SpaceBetween size="m">
      {listing.isError ? (
        <Problem what={`The ${noun} could not be listed`} error={listing.error} onRetry={() => void listing.refetch()} />
      ) : null}
      <Table
        {...collectionProps}
        {...(actions === undefined ? {} : { selectionType: 'multi' })}
        {...(search !== undefined ? { stickyHeader: true, variant: 'full-page' } : {})}
        wrapLines
        items={items}
        columnDefinitions={props.columns}
        loading={listing.isPending}
        loadingText={`Loading ${noun}`}
        ariaLabels={tableLabels(title, nameOf)}
        header={
          <Header
            variant={search !== undefined ? 'awsui-h1-sticky' : 'h2'}
            counter={counterText(listing)}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" onClick={() => void listing.refetch()} />
                {actions?.(collectionProps.selectedItems ?? [])}
                {props.create}
              </SpaceBetween>
            }
          >
            {title}
          </Header>
        }
        filter={
          search === undefined ? null : (
            <TextFilter
              {...filterProps}
              filteringPlaceholder={`Find ${noun}`}
              countText={filteredItemsCount === undefined ? '' : `${filteredItemsCount} matches`}
              onChange={(event) => {
                filterProps.onChange(event);
                search.onChange(event.detail.filteringText);
              }}
            />
          )
        }
        pagination={listing.items.length > PAGE_ROWS ? <Pagination {...paginationProps} /> : null}
      />
    </SpaceBetween>
  );
}

const PAGE_ROWS = 25;
