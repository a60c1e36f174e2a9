import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import type { StateMachineListItem } from '../aws/states';
import { at, href, type Place, useFollow } from '../app/link';
import { ListingPage } from '../ui/ListingPage';
import { usePages } from '../ui/usePages';
import { DeleteMachines } from './DeleteMachines';
import { LIST_COLUMNS } from './listColumns';
import { StartDialog } from './StartDialog';
import { useStates } from './useStates';

export function ListPage() {
  const { api, key } = useStates();
  const follow = useFollow();
  const listing = usePages({
    key: [...key, 'machines'],
    fetch: (nextToken, signal) => api.listStateMachines({ maxResults: 1000, nextToken }, { signal }),
    items: (page) => page.stateMachines,
  });
  const [dialog, setDialog] = useState<'delete' | 'start'>();
  const [chosen, setChosen] = useState<readonly StateMachineListItem[]>([]);
  const [first] = chosen;
  const close = () => setDialog(undefined);
  const actions = (selected: readonly StateMachineListItem[]) => {
    const one = selected.length === 1 ? selected[0] : undefined;
    const link = (to: (arn: string) => Place) =>
      one === undefined ? { disabled: true } : { href: href(to(one.stateMachineArn)), onFollow: follow };
    const open = (what: 'delete' | 'start') => {
      setChosen(selected);
      setDialog(what);
    };
    return [
      <Button key="edit" {...link((arn) => at('state-machines', arn, 'edit'))}>
        Edit
      </Button>,
      <Button key="copy" {...link((arn) => at('state-machines', 'create', { from: arn }))}>
        Copy to new
      </Button>,
      <Button key="start" disabled={one === undefined} onClick={() => open('start')}>
        Start execution
      </Button>,
      <Button key="delete" disabled={selected.length === 0} onClick={() => open('delete')}>
        Delete
      </Button>,
    ];
  };
  return (
    <ListingPage
      title="State machines"
      one="state machine"
      listing={listing}
      nameOf={({ name }) => name}
      textOf={({ name, type, stateMachineArn }) => `${name} ${type} ${stateMachineArn}`}
      sortBy={{ field: 'creationDate', isDescending: true }}
      emptyText="There are none in this region."
      create={
        <Button variant="primary" href={href(at('state-machines', 'create'))} onFollow={follow}>
          Create state machine
        </Button>
      }
      columns={LIST_COLUMNS}
      actions={actions}
    >
      {dialog === 'delete' ? <DeleteMachines machines={chosen} onClose={close} /> : null}
      {dialog === 'start' && first !== undefined ? <StartDialog machine={first} onClose={close} /> : null}
    </ListingPage>
  );
}
