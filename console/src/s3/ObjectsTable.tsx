import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { baseName } from './names';
import { ObjectActions } from './ObjectActions';
import { OBJECT_COLUMNS } from './objectColumns';
import { UploadButtons } from './UploadButtons';
import { UploadPanel } from './UploadPanel';
import { keyOf, type Row, useObjects } from './useObjects';

const route = getRouteApi('/s3/$bucket');
const PAGE_ROWS = 50;

interface Props {
  readonly bucket: string;
  readonly prefix: string;
}

export function ObjectsTable({ bucket, prefix }: Props) {
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [page, setPage] = useState(1);
  const [selected, setSelected] = useState<readonly Row[]>([]);
  const list = useObjects(bucket, prefix, q, page * PAGE_ROWS);
  const pages = Math.max(1, Math.ceil(list.items.length / PAGE_ROWS));
  const current = Math.min(page, pages);
  const counter = list.isPending || list.unknown ? '' : `(${list.items.length}${list.complete ? '' : '+'})`;
  const search = (text: string) => {
    setPage(1);
    void navigate({ search: (old) => ({ ...old, q: text }), replace: true });
  };
  const upload = <UploadButtons bucket={bucket} prefix={prefix} />;
  return (
    <SpaceBetween size="m">
      <UploadPanel bucket={bucket} />
      {list.isError ? (
        <Problem what="The objects could not be listed" error={list.error} onRetry={() => void list.refetch()} />
      ) : null}
      <Table
        variant="full-page"
        stickyHeader
        wrapLines
        selectionType="multi"
        trackBy={keyOf}
        selectedItems={[...selected]}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
        items={list.items.slice((current - 1) * PAGE_ROWS, current * PAGE_ROWS)}
        columnDefinitions={OBJECT_COLUMNS(bucket)}
        loading={list.isPending}
        loadingText="Loading objects"
        ariaLabels={{
          selectionGroupLabel: 'Selection',
          allItemsSelectionLabel: () => 'Select all',
          itemSelectionLabel: (_, row) => `Select ${baseName(keyOf(row))}`,
          tableLabel: 'Objects',
        }}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={counter}
            actions={
              <ObjectActions
                bucket={bucket}
                prefix={prefix}
                selected={selected}
                onRefresh={() => void list.refetch()}
                onDeleted={() => setSelected([])}
                upload={upload}
              />
            }
          >
            {prefix === '' ? bucket : baseName(prefix)}
          </Header>
        }
        empty={
          list.unknown ? (
            <Unknown />
          ) : q === '' ? (
            <Empty title="No objects" text="Drop files here to upload them, or choose them with Upload." />
          ) : (
            <Empty title="No matches" text={`Nothing here has a name that begins with “${q}”.`} />
          )
        }
        filter={
          <TextFilter
            filteringText={q}
            filteringPlaceholder="Find objects by prefix"
            filteringAriaLabel="Find objects by prefix"
            onChange={({ detail }) => search(detail.filteringText)}
          />
        }
        pagination={
          list.items.length > PAGE_ROWS ? (
            <Pagination
              currentPageIndex={current}
              pagesCount={pages}
              openEnd={!list.complete}
              onChange={({ detail }) => setPage(detail.currentPageIndex)}
            />
          ) : null
        }
      />
    </SpaceBetween>
  );
}
