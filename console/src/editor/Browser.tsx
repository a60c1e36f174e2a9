import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { notify } from '../app/notifications';
import { TypeIcon } from '../graph/icons';
import { ACTIONS, FLOW, type Item, PATTERNS, type SdkActions, sdkItems, searched } from './palette';
import { Strip } from '../ui/Strip';

interface Props {
  /** Why nothing can be put in now, if so. */
  readonly hindrance: string | undefined;
  /** A click or Enter: puts it behind the selected state. */
  readonly onInsert: (item: Item) => void;
  /** A drag begins, or ends. */
  readonly onDrag: (item: Item | undefined) => void;
}

/** The name under which a dragged item is carried: Firefox drags nothing that carries nothing. */
const DRAGGED = 'application/x-canter-item';

type TabId = 'actions' | 'flow' | 'patterns';
const TABS: { id: TabId; label: string }[] = [{ id: 'actions', label: 'Actions' }, { id: 'flow', label: 'Flow' }, { id: 'patterns', label: 'Patterns' }];
const LISTS: Record<TabId, readonly Item[]> = { actions: ACTIONS, flow: FLOW, patterns: PATTERNS };

/** What states there are to put into the workflow: by tab, or by words in all of them and in every SDK call. */
export function Browser({ hindrance, onInsert, onDrag }: Props) {
  const [tab, setTab] = useState<TabId>('actions');
  const [query, setQuery] = useState('');
  const sdk = useSdk(query !== '');
  const own = query === '' ? LISTS[tab] : searched([...ACTIONS, ...FLOW, ...PATTERNS], query);
  const items = query === '' ? own : [...own, ...sdkItems(query, sdk)];
  const list = <Palette items={items} hindrance={hindrance} onInsert={onInsert} onDrag={onDrag} />;
  return (
    <SpaceBetween size="xs">
      {hindrance === undefined ? null : <Box color="text-body-secondary" fontSize="body-s">{hindrance}</Box>}
      <Input type="search" value={query} onChange={({ detail }) => setQuery(detail.value)} placeholder="Search all actions" ariaLabel="Search states" />
      {query === '' ? <Strip label="States" tabs={TABS} active={tab} onChange={setTab}>{list}</Strip> : list}
      {items.length === 0 ? <Box color="text-body-secondary">Nothing has that name. Any SDK call can be written out: athena:listDatabases.</Box> : null}
    </SpaceBetween>
  );
}

function Palette({ items, hindrance, onInsert, onDrag }: Props & { readonly items: readonly Item[] }) {
  return (
    <ul className="ce-palette" aria-label="States to add">
      {items.map((item) => (
        <li key={item.id}>
          <button
            type="button"
            className="ce-item"
            disabled={hindrance !== undefined}
            draggable={hindrance === undefined}
            title={hindrance ?? `${item.title}: drag it into the graph, or press Enter to put it behind the selected state`}
            onClick={() => onInsert(item)}
            onDragStart={(event) => {
              event.dataTransfer.setData(DRAGGED, item.id);
              event.dataTransfer.effectAllowed = 'copy';
              onDrag(item);
            }}
            onDragEnd={() => onDrag(undefined)}
          >
            <svg className="canter-icon" width={16} height={16} aria-hidden="true"><TypeIcon type={item.type} x={0} y={0} /></svg>
            <span className="ce-item-title">{item.title}</span>
            <span className="ce-item-group">{item.id.startsWith('aws-sdk:') ? 'AWS SDK' : item.group}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The names of all calls, fetched when somebody searches. */
function useSdk(wanted: boolean): SdkActions {
  const [sdk, setSdk] = useState<SdkActions>({});
  useEffect(() => {
    if (!wanted) return;
    let isHere = true;
    import('./sdk-actions.json').then(
      (file) => { if (isHere) setSdk(file.default); },
      (error: unknown) => notify.error('The calls of the SDK could not be loaded', error),
    );
    return () => {
      isHere = false;
    };
  }, [wanted]);
  return sdk;
}
