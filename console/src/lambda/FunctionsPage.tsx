import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { at } from '../app/link';
import { ListingPage } from '../ui/ListingPage';
import { nameColumn } from '../ui/nameColumn';
import { CopyCli } from '../ui/CopyCli';
import { sizeText } from '../ui/size';
import { Time } from '../ui/time';
import { usePages } from '../ui/usePages';
import { DeleteFunctions } from './DeleteFunctions';
import { instantOf } from './report';
import { useLambda } from './useLambda';

export function FunctionsPage() {
  const { api, key } = useLambda();
  const listing = usePages({
    key: [...key, 'functions'],
    fetch: async (Marker, signal) => {
      const page = await api.listFunctions({ Marker }, { signal });
      return { ...page, nextToken: page.NextMarker };
    },
    items: (page) => page.Functions,
  });
  const [chosen, setChosen] = useState<readonly string[]>();
  return (
    <ListingPage
      title="Functions"
      one="function"
      listing={listing}
      nameOf={({ FunctionName: name }) => name}
      sortBy={{ field: 'FunctionName', isDescending: false }}
      emptyText="There are none in this region. Create one with the AWS CLI or SAM."
      columns={[
        nameColumn('FunctionName', ({ FunctionName: name }) => at('lambda', name)),
        { id: 'description', header: 'Description', cell: ({ Description: text = '' }) => (text === '' ? '-' : text) },
        { id: 'runtime', header: 'Runtime', sortingField: 'Runtime', minWidth: 130, cell: ({ Runtime: runtime }) => runtime ?? '-' },
        { id: 'size', header: 'Package', sortingField: 'CodeSize', cell: ({ CodeSize: size }) => sizeText(size) },
        {
          id: 'modified',
          header: 'Last modified',
          sortingField: 'LastModified',
          minWidth: 160,
          cell: ({ LastModified: text }) => <Time at={instantOf(text)} />,
        },
      ]}
      actions={(selected) => [
        <CopyCli key="cli" service="lambda" operation="ListFunctions" input={{}} />,
        <Button key="delete" disabled={selected.length === 0} onClick={() => setChosen(selected.map(({ FunctionName: name }) => name))}>
          Delete
        </Button>,
      ]}
    >
      {chosen === undefined ? null : <DeleteFunctions names={chosen} onClose={() => setChosen(undefined)} />}
    </ListingPage>
  );
}
