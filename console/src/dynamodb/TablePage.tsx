import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at, href, useFollow, useGo } from '../app/link';
import { Page } from '../app/Page';
import { Problem } from '../ui/Problem';
import { chosenOf } from '../ui/search';
import { DeleteTables } from './DeleteTables';
import { ItemsTab } from './ItemsTab';
import { TableDetails } from './TableDetails';
import { useTable } from './useDynamo';

const route = getRouteApi('/dynamodb/$table');

const TABS = [{ id: 'items' }, { id: 'details' }] as const;

export function TablePage() {
  const { table: name } = route.useParams();
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const go = useGo();
  const follow = useFollow();
  const query = useTable(name);
  const [deleting, setDeleting] = useState(false);
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <Button onClick={() => setDeleting(true)}>Delete table</Button>
      <Button variant="primary" href={href(at('dynamodb', name, 'item'))} onFollow={follow}>
        Create item
      </Button>
    </SpaceBetween>
  );
  return (
    <Page title={name} crumbs={[{ text: 'Tables', to: at('dynamodb') }]}>
      {query.isPending ? <Spinner size="large" /> : null}
      {query.isError ? <Problem what="The table could not be read" error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.data === undefined ? null : (
        <ContentLayout
          header={
            <Header variant="h1" actions={actions}>
              {name}
            </Header>
          }
        >
          <Tabs
            activeTabId={chosenOf(TABS, tab)}
            tabs={[
              { id: 'items', label: 'Items', contentRenderStrategy: 'lazy', content: <ItemsTab table={query.data} /> },
              { id: 'details', label: 'Details', content: <TableDetails table={query.data} /> },
            ]}
            onChange={({ detail }) => void navigate({ search: (old) => ({ ...old, tab: detail.activeTabId }), replace: true })}
          />
        </ContentLayout>
      )}
      {deleting ? <DeleteTables names={[name]} onClose={() => setDeleting(false)} onDeleted={() => go(at('dynamodb'))} /> : null}
    </Page>
  );
}
