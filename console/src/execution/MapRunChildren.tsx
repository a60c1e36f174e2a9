import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { DescribeMapRunOutput } from '../aws/states';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { counterText } from '../ui/tables';
import { CHILD_COLUMNS } from './childColumns';
import { CHILD_STATUSES, statusIn, useChildren } from './useChildren';
import { withChanges } from './useSelection';

const route = getRouteApi('/map-runs/$arn');
const PAGE_ROWS = 25;
const ANY = { value: '', label: 'Any status' };

/** The executions that a Map Run has started, newest first. */
export function MapRunChildren({ run }: { readonly run: DescribeMapRunOutput }) {
  const status = statusIn(route.useSearch().status);
  const navigate = route.useNavigate();
  const [page, setPage] = useState(1);
  const list = useChildren(run, status, page * PAGE_ROWS);
  const pages = Math.max(1, Math.ceil(list.items.length / PAGE_ROWS));
  const shown = Math.min(page, pages);
  const choose = (value: string | undefined) => {
    setPage(1);
    void navigate({ search: (old) => withChanges(old, { status: value }), replace: true, resetScroll: false });
  };
  const options = CHILD_STATUSES.map(([value, label]) => ({ value, label }));
  return (
    <SpaceBetween size="m">
      {list.isError ? <Problem what="The child executions could not be listed" error={list.error} onRetry={() => void list.refetch()} /> : null}
      <Table
        trackBy="executionArn" loading={list.isPending} loadingText="Loading child executions" ariaLabels={{ tableLabel: 'Child executions' }}
        items={list.items.slice((shown - 1) * PAGE_ROWS, shown * PAGE_ROWS)}
        columnDefinitions={CHILD_COLUMNS}
        header={<Header variant="h2" counter={counterText(list)}>Child executions</Header>}
        filter={<div className="ex-choice"><Select ariaLabel="Status" selectedOption={options.find(({ value }) => value === status) ?? ANY} options={[ANY, ...options]} onChange={({ detail }) => choose(detail.selectedOption.value)} /></div>}
        pagination={<Pagination currentPageIndex={shown} pagesCount={pages} openEnd={!list.complete} onChange={({ detail }) => setPage(detail.currentPageIndex)} />}
        empty={list.unknown ? <Unknown /> : status === undefined ? <Empty title="No child executions" /> : <Empty title="No matches" text="No child execution is like that." />}
      />
    </SpaceBetween>
  );
}
