import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { at, PlaceLink } from '../app/link';
import { ListTable } from '../ui/ListTable';
import { CopyCli } from '../ui/CopyCli';
import { Time } from '../ui/time';
import { usePages } from '../ui/usePages';
import { DeleteFunctions } from './DeleteFunctions';
import { PublishDialog } from './PublishDialog';
import { instantOf } from './report';
import { useLambda } from './useLambda';

const LATEST = '$LATEST';

/** What was published of a function, and the names that point to it. */
export function VersionsTab({ name }: { readonly name: string }) {
  const { api, key } = useLambda();
  const versions = usePages({
    key: [...key, 'versions', name],
    fetch: async (Marker, signal) => {
      const page = await api.listVersions(name, { Marker }, { signal });
      return { ...page, nextToken: page.NextMarker };
    },
    items: (page) => page.Versions.filter(({ Version: version }) => version !== LATEST),
  });
  const aliases = usePages({
    key: [...key, 'aliases', name],
    fetch: async (Marker, signal) => {
      const page = await api.listAliases(name, { Marker }, { signal });
      return { ...page, nextToken: page.NextMarker };
    },
    items: (page) => page.Aliases,
  });
  const [deleting, setDeleting] = useState<string>();
  const [publishing, setPublishing] = useState(false);
  return (
    <SpaceBetween size="l">
      <ListTable
        title="Versions"
        one="version"
        listing={versions}
        nameOf={({ Version: version }) => version}
        emptyText="A version is code and configuration that stay as they are."
        create={<Button onClick={() => setPublishing(true)}>Publish version</Button>}
        columns={[
          {
            id: 'version',
            header: 'Version',
            isRowHeader: true,
            cell: ({ Version: version }) => <PlaceLink to={at('lambda', name, { qualifier: version })}>{version}</PlaceLink>,
          },
          { id: 'description', header: 'Description', cell: ({ Description: text = '' }) => (text === '' ? '-' : text) },
          { id: 'published', header: 'Publish date', cell: ({ LastModified: text }) => <Time at={instantOf(text)} /> },
        ]}
        actions={(selected) => [
          <CopyCli key="cli" service="lambda" operation="ListVersionsByFunction" input={{ FunctionName: name }} />,
          <Button key="delete" disabled={selected.length !== 1} onClick={() => setDeleting(selected[0]?.Version)}>
            Delete
          </Button>,
        ]}
      />
      <ListTable
        title="Aliases"
        one="alias"
        listing={aliases}
        nameOf={({ Name: alias }) => alias}
        emptyText="An alias is a name that points to a version."
        columns={[
          {
            id: 'name',
            header: 'Alias',
            isRowHeader: true,
            cell: ({ Name: alias }) => <PlaceLink to={at('lambda', name, { qualifier: alias })}>{alias}</PlaceLink>,
          },
          {
            id: 'version',
            header: 'Version',
            cell: ({ FunctionVersion: version }) =>
              version === LATEST ? version : <PlaceLink to={at('lambda', name, { qualifier: version })}>{version}</PlaceLink>,
          },
          { id: 'description', header: 'Description', cell: ({ Description: text = '' }) => (text === '' ? '-' : text) },
        ]}
        create={<CopyCli service="lambda" operation="ListAliases" input={{ FunctionName: name }} />}
      />
      {publishing ? <PublishDialog name={name} onClose={() => setPublishing(false)} /> : null}
      {deleting === undefined ? null : <DeleteFunctions names={[name]} version={deleting} onClose={() => setDeleting(undefined)} />}
    </SpaceBetween>
  );
}
