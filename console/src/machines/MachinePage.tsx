import ContentLayout from '@cloudscape-design/components/content-layout';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { at } from '../app/link';
import { Page } from '../app/Page';
import type { DescribeStateMachineOutput } from '../aws/states';
import { Problem } from '../ui/Problem';
import { chosenOf } from '../ui/search';
import { AliasesTab } from './AliasesTab';
import { machineOf, titleOf } from './arn';
import { DefinitionTab } from './DefinitionTab';
import { ExecutionsTab } from './ExecutionsTab';
import { LoggingTab } from './LoggingTab';
import { MachineHeader } from './MachineHeader';
import { MachineSummary } from './MachineSummary';
import { TagsTab } from './TagsTab';
import { useStates } from './useStates';
import { VersionsTab } from './VersionsTab';

const route = getRouteApi('/state-machines/$arn');

/** A state machine, or one of its versions. */
export function MachinePage() {
  const { arn } = route.useParams();
  const { api, key } = useStates();
  const query = useQuery({
    queryKey: [...key, 'machine', arn],
    queryFn: ({ signal }) => api.describeStateMachine({ stateMachineArn: arn }, { signal }),
  });
  const parent = machineOf(arn);
  const isVersion = parent.arn !== arn;
  const title = titleOf(arn);
  const crumbs = [
    { text: 'State machines', to: at('state-machines') },
    ...(isVersion && parent.name !== '' ? [{ text: parent.name, to: at('state-machines', parent.arn) }] : []),
  ];
  return (
    <Page title={title} crumbs={crumbs}>
      {query.isPending ? <Spinner size="large" /> : null}
      {query.isError ? (
        <Problem what="The state machine could not be read" error={query.error} onRetry={() => void query.refetch()} />
      ) : null}
      {query.data === undefined ? null : (
        <ContentLayout header={<MachineHeader machine={query.data} title={title} isVersion={isVersion} />}>
          <SpaceBetween size="l">
            <MachineSummary machine={query.data} />
            <MachineTabs machine={query.data} isVersion={isVersion} />
          </SpaceBetween>
        </ContentLayout>
      )}
    </Page>
  );
}

interface TabsProps {
  readonly machine: DescribeStateMachineOutput;
  readonly isVersion: boolean;
}

function MachineTabs({ machine, isVersion }: TabsProps) {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  const all = [
    { id: 'executions', label: 'Executions', content: <ExecutionsTab machine={machine} /> },
    { id: 'definition', label: 'Definition', content: <DefinitionTab machine={machine} /> },
    { id: 'versions', label: 'Versions', content: <VersionsTab machine={machine} /> },
    { id: 'aliases', label: 'Aliases', content: <AliasesTab machine={machine} /> },
    { id: 'logging', label: 'Logging', content: <LoggingTab machine={machine} /> },
    { id: 'tags', label: 'Tags', content: <TagsTab resourceArn={machine.stateMachineArn} /> },
  ] as const;
  const tabs = isVersion ? ([all[0], all[1]] as const) : all;
  return (
    <Tabs
      activeTabId={chosenOf(tabs, tab)}
      tabs={tabs}
      // The filters of a tab are its own.
      onChange={({ detail }) =>
        void navigate({
          search: ({ region }) => ({ tab: detail.activeTabId, ...(region === undefined ? {} : { region }) }),
          replace: true,
        })
      }
    />
  );
}
