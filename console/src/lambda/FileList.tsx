import Badge from '@cloudscape-design/components/badge';
import Pagination from '@cloudscape-design/components/pagination';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { sizeText } from '../s3/names';
import { Empty } from '../ui/Empty';
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
  const [page, setPage] = useState(1);
  const found = entries.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
  const pages = Math.max(1, Math.ceil(found.length / PAGE_ROWS));
  const current = Math.min(page, pages);
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
        items={found.slice((current - 1) * PAGE_ROWS, current * PAGE_ROWS)}
        ariaLabels={{ selectionGroupLabel: 'File', itemSelectionLabel: (_, { name }) => `Show ${name}`, tableLabel: 'Files' }}
        columnDefinitions={[
          {
            id: 'name',
            header: 'File',
            isRowHeader: true,
            cell: ({ name }) => (
              <span className="variable">
                {name} {changed.has(name) ? <Badge color="blue">changed</Badge> : null}
              </span>
            ),
          },
          { id: 'size', header: 'Size', minWidth: 90, cell: ({ bytes }) => sizeText(bytes) },
        ]}
        filter={
          entries.length < 15 ? null : (
            <TextFilter filteringText={text} filteringPlaceholder="Find files" onChange={({ detail }) => setText(detail.filteringText)} />
          )
        }
        pagination={
          pages < 2 ? null : <Pagination currentPageIndex={current} pagesCount={pages} onChange={({ detail }) => setPage(detail.currentPageIndex)} />
        }
        empty={<Empty title="No files" />}
      />
    </div>
  );
}
