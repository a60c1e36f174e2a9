import Badge from '@cloudscape-design/components/badge';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { Empty } from '../ui/Empty';
import { itemsAt, Paging, usePlace } from '../ui/Paging';
import { sizeText } from '../ui/size';
import type { Entry } from './zip';

interface Props {
  readonly entries: readonly Entry[];
  readonly selected: string | undefined;
  readonly changed: ReadonlyMap<string, string>;
  readonly onSelect: (name: string) => void;
}

const PAGE_ROWS = 100;

/** The files of a package; with a filter where there are many. */
export function FileList({ entries, selected, changed, onSelect }: Props) {
  const [text, setText] = useState('');
  const place = usePlace(PAGE_ROWS);
  const found = entries.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
  return (
    <div className="code-files">
      <Table
        variant="embedded"
        contentDensity="compact"
        wrapLines
        selectionType="single"
        trackBy="name"
        selectedItems={entries.filter(({ name }) => name === selected)}
        onSelectionChange={({ detail }) => detail.selectedItems[0] && onSelect(detail.selectedItems[0].name)}
        onRowClick={({ detail }) => onSelect(detail.item.name)}
        items={itemsAt(place, found)}
        ariaLabels={{ selectionGroupLabel: 'File', itemSelectionLabel: (_, { name }) => `Show ${name}`, tableLabel: 'Files' }}
        columnDefinitions={[
          {
            id: 'name',
            header: 'File',
            isRowHeader: true,
            minWidth: 130,
            cell: ({ name }) => (
              <span className="variable">
                {name} {changed.has(name) ? <Badge color="blue">changed</Badge> : null}
              </span>
            ),
          },
          { id: 'size', header: 'Size', minWidth: 80, cell: ({ bytes }) => sizeText(bytes) },
        ]}
        filter={
          entries.length < 15 ? null : (
            <TextFilter filteringText={text} filteringPlaceholder="Find files" onChange={({ detail }) => setText(detail.filteringText)} />
          )
        }
        pagination={<Paging place={place} list={{ items: found, complete: true }} />}
        empty={<Empty title="No files" />}
      />
    </div>
  );
}
