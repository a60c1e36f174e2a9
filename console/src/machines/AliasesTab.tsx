import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { at, PlaceLink } from '../app/link';
import type { DescribeAliasOutput, DescribeStateMachineOutput } from '../aws/states';
import { Empty, Unknown } from '../ui/Empty';
import { Problem } from '../ui/Problem';
import { tableLabels } from '../ui/tables';
import { Time } from '../ui/time';
import { usePages } from '../ui/usePages';
import { AliasDialog } from './AliasDialog';
import { DeleteAlias } from './DeleteAlias';
import { StartDialog } from './StartDialog';
import { useStates } from './useStates';

/** Each alias with what it leads to. */
function useAliases(stateMachineArn: string) {
  const { api, key } = useStates();
  const list = usePages({
    key: [...key, 'aliases', stateMachineArn],
    fetch: (nextToken, signal) => api.listStateMachineAliases({ stateMachineArn, maxResults: 1000, nextToken }, { signal }),
    items: (page) => page.stateMachineAliases,
  });
  const described = useQueries({
    queries: list.items.map(({ stateMachineAliasArn }) => ({
      queryKey: [...key, 'aliases', stateMachineArn, stateMachineAliasArn],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.describeStateMachineAlias({ stateMachineAliasArn }, { signal }),
    })),
  });
  const failed = described.find(({ isError }) => isError);
  return {
    count: list.items.length,
    aliases: described.flatMap(({ data }) => (data === undefined ? [] : [data])),
    isPending: list.isPending || described.some(({ isPending }) => isPending),
    error: list.error ?? failed?.error ?? null,
    retry: () => void (list.isError ? list.refetch() : failed?.refetch()),
  };
}

export function AliasesTab({ machine }: { readonly machine: DescribeStateMachineOutput }) {
  const list = useAliases(machine.stateMachineArn);
  const [dialog, setDialog] = useState<'create' | 'edit' | 'delete' | 'start'>();
  const [selectedArn, setSelected] = useState<string>();
  const selected = list.aliases.find(({ stateMachineAliasArn }) => stateMachineAliasArn === selectedArn);
  const close = () => setDialog(undefined);
  const create = <Button onClick={() => setDialog('create')}>Create alias</Button>;
  return (
    <SpaceBetween size="m">
      {list.error === null ? null : <Problem what="The aliases could not be read" error={list.error} onRetry={list.retry} />}
      <Table
        items={list.aliases}
        loading={list.isPending}
        loadingText="Loading aliases"
        trackBy="stateMachineAliasArn"
        selectionType="single"
        selectedItems={selected === undefined ? [] : [selected]}
        onSelectionChange={({ detail }) => setSelected(detail.selectedItems[0]?.stateMachineAliasArn)}
        ariaLabels={tableLabels('Aliases', (alias: DescribeAliasOutput) => alias.name)}
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: (alias) => alias.name },
          { id: 'versions', header: 'Versions', cell: (alias) => <Routes alias={alias} /> },
          { id: 'description', header: 'Description', cell: (alias) => alias.description ?? '-' },
          { id: 'updated', header: 'Last updated', cell: (alias) => <Time at={alias.updateDate} /> },
        ]}
        empty={
          list.error === null ? (
            <Empty title="No aliases" text="An alias is a name that leads to one or two versions." action={create} />
          ) : (
            <Unknown />
          )
        }
        header={
          <Header
            variant="h2"
            counter={`(${list.count})`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={selected === undefined} onClick={() => setDialog('edit')}>
                  Edit
                </Button>
                <Button disabled={selected === undefined} onClick={() => setDialog('delete')}>
                  Delete
                </Button>
                <Button disabled={selected === undefined} onClick={() => setDialog('start')}>
                  Start execution
                </Button>
                {create}
              </SpaceBetween>
            }
          >
            Aliases
          </Header>
        }
      />
      {dialog === 'create' ? <AliasDialog machine={machine} onClose={close} /> : null}
      {dialog === 'edit' && selected !== undefined ? <AliasDialog machine={machine} alias={selected} onClose={close} /> : null}
      {dialog === 'delete' && selected !== undefined ? <DeleteAlias alias={selected} onClose={close} /> : null}
      {dialog === 'start' && selected !== undefined ? (
        <StartDialog machine={{ stateMachineArn: selected.stateMachineAliasArn, type: machine.type }} onClose={close} />
      ) : null}
    </SpaceBetween>
  );
}

function Routes({ alias }: { readonly alias: DescribeAliasOutput }) {
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {alias.routingConfiguration.map(({ stateMachineVersionArn: arn, weight }) => (
        <span key={arn}>
          <PlaceLink to={at('state-machines', arn)}>{arn.split(':').at(-1)}</PlaceLink> ({weight}%)
        </span>
      ))}
    </SpaceBetween>
  );
}
