import { useCollection } from '@cloudscape-design/collection-hooks';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { StateMachineListItem } from '../aws/states';
import { at, href, useFollow, useGo } from '../app/link';
import { Page } from '../app/Page';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { usePages } from '../ui/usePages';
import { DeleteMachines } from './DeleteMachines';
import { LIST_COLUMNS } from './listColumns';
import { StartDialog } from './StartDialog';
import { useStates } from './useStates';

const route = getRouteApi('/state-machines');

export function ListPage() {
  const { api, key } = useStates();
  const listing = usePages({
    key: [...key, 'machines'],
    fetch: (nextToken, signal) => api.listStateMachines({ maxResults: 1000, nextToken }, { signal }),
    items: (page) => page.stateMachines,
  });
  return (
    <Page title="State machines" contentType="table">
      <SpaceBetween size="m">
        {listing.isError ? (
          <Problem what="The state machines could not be listed" error={listing.error} onRetry={() => void listing.refetch()} />
        ) : null}
        <MachinesTable listing={listing} />
      </SpaceBetween>
    </Page>
  );
}

interface TableProps {
  readonly listing: { items: readonly StateMachineListItem[]; isPending: boolean; unknown: boolean; complete: boolean; refetch: () => unknown };
}

function MachinesTable({ listing }: TableProps) {
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const go = useGo();
  const follow = useFollow();
  const [dialog, setDialog] = useState<'delete' | 'start'>();
  const create = (
    <Button variant="primary" href={href(at('state-machines', 'create'))} onFollow={follow}>
      Create state machine
    </Button>
  );
  const setFilter = (text: string) => void navigate({ search: (old) => ({ ...old, q: text }), replace: true });
  const { items, filterProps, collectionProps, paginationProps, filteredItemsCount } = useCollection(listing.items, {
    filtering: {
      defaultFilteringText: q,
      fields: ['name', 'type', 'stateMachineArn'],
      empty: listing.unknown ? <Unknown /> : <Empty title="No state machines" text="There are none in this region." action={create} />,
      noMatch: <Empty title="No matches" text="No state machine has that in its name." />,
    },
    pagination: { pageSize: 20 },
    sorting: { defaultState: { sortingColumn: { sortingField: 'creationDate' }, isDescending: true } },
    selection: { trackBy: 'stateMachineArn' },
  });
  const selected = collectionProps.selectedItems ?? [];
  const [only] = selected;
  const one = selected.length === 1 ? only : undefined;
  const count = listing.complete ? `(${listing.items.length})` : listing.items.length > 0 ? `(${listing.items.length}+)` : '';
  return (
    <>
      <Table
        {...collectionProps}
        variant="full-page"
        stickyHeader
        selectionType="multi"
        items={items}
        loading={listing.isPending}
        loadingText="Loading state machines"
        columnDefinitions={LIST_COLUMNS}
        ariaLabels={{
          selectionGroupLabel: 'Selection',
          allItemsSelectionLabel: () => 'Select all',
          itemSelectionLabel: (_, item) => `Select ${item.name}`,
          tableLabel: 'State machines',
        }}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={count}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Refresh" onClick={() => void listing.refetch()} />
                <Button disabled={one === undefined} onClick={() => one && go(at('state-machines', one.stateMachineArn, 'edit'))}>
                  Edit
                </Button>
                <Button disabled={one === undefined} onClick={() => one && go(at('state-machines', 'create', { from: one.stateMachineArn }))}>
                  Copy to new
                </Button>
                <Button disabled={one === undefined} onClick={() => setDialog('start')}>
                  Start execution
                </Button>
                <Button disabled={selected.length === 0} onClick={() => setDialog('delete')}>
                  Delete
                </Button>
                {create}
              </SpaceBetween>
            }
          >
            State machines
          </Header>
        }
        filter={
          <TextFilter
            {...filterProps}
            filteringPlaceholder="Find state machines"
            countText={filteredItemsCount === undefined ? '' : `${filteredItemsCount} matches`}
            onChange={(event) => {
              filterProps.onChange(event);
              setFilter(event.detail.filteringText);
            }}
          />
        }
        pagination={<Pagination {...paginationProps} />}
      />
      {dialog === 'delete' ? <DeleteMachines machines={selected} onClose={() => setDialog(undefined)} /> : null}
      {dialog === 'start' && one !== undefined ? <StartDialog machine={one} onClose={() => setDialog(undefined)} /> : null}
    </>
  );
}
