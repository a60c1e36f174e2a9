import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { AwsError } from '../aws/errors';
import { Empty, Unknown } from '../ui/Empty';
import { itemsAt, Paging, usePlace } from '../ui/Paging';
import { Problem } from '../ui/Problem';
import { counterText, tableLabels } from '../ui/tables';
import { Missing } from './Missing';
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
  const place = usePlace(PAGE_ROWS);
  const [selected, setSelected] = useState<readonly Row[]>([]);
  const list = useObjects(bucket, prefix, q, place.wanted);
  const search = (text: string) => {
    place.turn(1);
    void navigate({ search: (old) => ({ ...old, q: text }), replace: true });
  };
  if (list.error instanceof AwsError && list.error.code === 'NoSuchBucket') {
    return <Missing bucket={bucket} />;
  }
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
        items={itemsAt(place, list.items)}
        columnDefinitions={OBJECT_COLUMNS(bucket)}
        loading={list.isPending}
        loadingText="Loading objects"
        ariaLabels={tableLabels('Objects', (row: Row) => baseName(keyOf(row)))}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={counterText(list)}
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
        pagination={<Paging place={place} list={list} />}
      />
    </SpaceBetween>
  );
}
