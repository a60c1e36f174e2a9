import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at, PlaceLink, useGo } from '../app/link';
import { Page } from '../app/Page';
import type { GetFunctionOutput } from '../aws/lambda';
import { Problem } from '../ui/Problem';
import { chosenOf } from '../ui/search';
import { CodeTab } from './CodeTab';
import { ConfigurationTab } from './ConfigurationTab';
import type { Draft } from './draft';
import { DeleteFunctions } from './DeleteFunctions';
import { LogsTab } from './LogsTab';
import { Summary } from './Summary';
import { TestTab } from './TestTab';
import { useFunction } from './useLambda';
import { VersionsTab } from './VersionsTab';

const route = getRouteApi('/lambda/$name');

/** A function, or one of its versions or aliases. */
export function FunctionPage() {
  const { name } = route.useParams();
  const { qualifier } = route.useSearch();
  const query = useFunction(name, qualifier);
  const go = useGo();
  const [deleting, setDeleting] = useState(false);
  const title = qualifier === undefined ? name : `${name}:${qualifier}`;
  const crumbs = [{ text: 'Functions', to: at('lambda') }, ...(qualifier === undefined ? [] : [{ text: name, to: at('lambda', name) }])];
  const actions = qualifier === undefined ? <Button onClick={() => setDeleting(true)}>Delete</Button> : null;
  return (
    <Page title={title} crumbs={crumbs}>
      {query.isPending ? <Spinner size="large" /> : null}
      {query.isError ? <Problem what="The function could not be read" error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.data === undefined ? null : (
        <ContentLayout
          header={
            <Header variant="h1" actions={actions}>
              {title}
            </Header>
          }
        >
          <SpaceBetween size="l">
            {qualifier === undefined ? null : (
              <Alert type="info">
                A published version stays as it is. Changes are made to <PlaceLink to={at('lambda', name)}>the function</PlaceLink>.
              </Alert>
            )}
            <Summary config={query.data.Configuration} qualifier={qualifier} />
            <FunctionTabs key={`${name} ${qualifier ?? ''}`} found={query.data} qualifier={qualifier} />
          </SpaceBetween>
        </ContentLayout>
      )}
      {deleting ? <DeleteFunctions names={[name]} onClose={() => setDeleting(false)} onDeleted={() => go(at('lambda'))} /> : null}
    </Page>
  );
}

interface TabsProps {
  readonly found: GetFunctionOutput;
  readonly qualifier: string | undefined;
}

function FunctionTabs({ found, qualifier }: TabsProps) {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const config = found.Configuration;
  const [draft, setDraft] = useState<Draft>();
  const isFixed = qualifier !== undefined;
  const tabs = [
    // Drafts stay while another tab is shown.
    {
      id: 'code',
      label: 'Code',
      contentRenderStrategy: 'lazy',
      content: <CodeTab found={found} isFixed={isFixed} draft={draft} onChange={setDraft} />,
    },
    { id: 'test', label: 'Test', contentRenderStrategy: 'lazy', content: <TestTab config={config} qualifier={qualifier} isChanged={draft !== undefined} /> },
    { id: 'configuration', label: 'Configuration', content: <ConfigurationTab config={config} isFixed={isFixed} /> },
    { id: 'versions', label: 'Versions and aliases', content: <VersionsTab name={config.FunctionName} /> },
    { id: 'logs', label: 'Logs', content: <LogsTab config={config} /> },
  ] as const;
  return (
    <Tabs
      activeTabId={chosenOf(tabs, tab)}
      tabs={tabs}
      onChange={({ detail }) => void navigate({ search: (old) => ({ ...old, tab: detail.activeTabId }), replace: true })}
    />
  );
}
