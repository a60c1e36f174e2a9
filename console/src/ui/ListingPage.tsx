import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '../app/Page';
import { ListTable, type ListTableProps } from './ListTable';

interface Props<Item> extends Omit<ListTableProps<Item>, 'search'> {
  /** Its dialogues. */
  readonly children: ReactNode;
}

/** A page that is a list; what its filter looks for stands in the address, as `q`. */
export function ListingPage<Item>({ children, ...list }: Props<Item>) {
  const { q = '' } = useSearch({ strict: false });
  const navigate = useNavigate();
  return (
    <Page title={list.title} contentType="table">
      <ListTable
        {...list}
        search={{ text: q, onChange: (text) => void navigate({ to: '.', search: (old) => ({ ...old, q: text }), replace: true }) }}
      />
      {children}
    </Page>
  );
}
