import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { at, PlaceLink } from '../app/link';
import type { DescribeStateMachineOutput } from '../aws/states';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { tableLabels } from '../ui/tables';
import { Time } from '../ui/time';
import { usePages } from '../ui/usePages';
import { DeleteVersion } from './DeleteVersion';
import { PublishDialog } from './PublishDialog';
import { StartDialog } from './StartDialog';
import { useStates } from './useStates';

/** The versions of a state machine, newest first. */
export function useVersions(stateMachineArn: string) {
  const { api, key } = useStates();
  return usePages({
    key: [...key, 'versions', stateMachineArn],
    fetch: (nextToken, signal) => api.listStateMachineVersions({ stateMachineArn, maxResults: 1000, nextToken }, { signal }),
    items: (page) => page.stateMachineVersions,
  });
}

export function VersionsTab({ machine }: { readonly machine: DescribeStateMachineOutput }) {
  const versions = useVersions(machine.stateMachineArn);
  const [dialog, setDialog] = useState<'publish' | 'start' | 'delete'>();
  const [selected, setSelected] = useState<{ stateMachineVersionArn: string }>();
  const close = () => setDialog(undefined);
  const publish = <Button onClick={() => setDialog('publish')}>Publish version</Button>;
  return (
    <SpaceBetween size="m">
      {versions.isError ? (
        <Problem what="The versions could not be listed" error={versions.error} onRetry={() => void versions.refetch()} />
      ) : null}
      <Table
        items={versions.items}
        loading={versions.isPending}
        loadingText="Loading versions"
        trackBy="stateMachineVersionArn"
        selectionType="single"
        selectedItems={versions.items.filter((item) => item.stateMachineVersionArn === selected?.stateMachineVersionArn)}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems[0])}
        ariaLabels={tableLabels('Versions', ({ stateMachineVersionArn: arn }: { stateMachineVersionArn: string }) => `version ${numberOf(arn)}`)}
        columnDefinitions={[
          {
            id: 'version',
            header: 'Version',
            isRowHeader: true,
            cell: ({ stateMachineVersionArn: arn }) => <PlaceLink to={at('state-machines', arn)}>{numberOf(arn)}</PlaceLink>,
          },
          { id: 'created', header: 'Publish date', cell: (version) => <Time at={version.creationDate} /> },
          { id: 'arn', header: 'ARN', cell: (version) => version.stateMachineVersionArn },
        ]}
        empty={
          versions.unknown ? (
            <Unknown />
          ) : (
            <Empty title="No versions" text="A version is a definition that stays as it is." action={publish} />
          )
        }
        header={
          <Header
            variant="h2"
            counter={`(${versions.items.length})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={selected === undefined} onClick={() => setDialog('delete')}>
                  Delete
                </Button>
                <Button disabled={selected === undefined} onClick={() => setDialog('start')}>
                  Start execution
                </Button>
                {publish}
              </SpaceBetween>
            }
          >
            Versions
          </Header>
        }
      />
      {dialog === 'publish' ? <PublishDialog machine={machine} onClose={close} /> : null}
      {dialog === 'start' && selected !== undefined ? (
        <StartDialog machine={{ stateMachineArn: selected.stateMachineVersionArn, type: machine.type }} onClose={close} />
      ) : null}
      {dialog === 'delete' && selected !== undefined ? (
        <DeleteVersion
          arn={selected.stateMachineVersionArn}
          onClose={close}
          onDeleted={() => setSelected(undefined)}
        />
      ) : null}
    </SpaceBetween>
  );
}

function numberOf(versionArn: string): string {
  return versionArn.split(':').at(-1) ?? '';
}
