import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { at, href, useFollow, useGo } from '../app/link';
import { errorText, notify } from '../app/notifications';
import type { Item, PutItemInput, Table } from '../aws/dynamodb';
import { CodeArea } from '../ui/CodeArea';
import { CopyCli } from '../ui/CopyCli';
import { LeaveDialog } from '../ui/LeaveDialog';
import { DeleteItems } from './DeleteItems';
import { keyOf, keysOf } from './find';
import { itemPlace } from './itemColumns';
import { fromPlain, fromTyped, inOrder, toPlain, toTyped } from './marshal';
import { refusalText } from './refusal';
import { useDynamo } from './useDynamo';

interface Props {
  readonly table: Table;
  readonly title: string;
  readonly item: Item;
  readonly isNew: boolean;
}

type Mode = 'plain' | 'typed';

/** An item to read and to write, in plain or DynamoDB JSON. */
export function ItemEditor({ table, title, item: first, isNew }: Props) {
  const names = table.KeySchema.map(({ AttributeName: name }) => name);
  const { api, key } = useDynamo();
  const queries = useQueryClient();
  const go = useGo();
  const follow = useFollow();
  // What the item is, as far as it could be read; its sets and bytes are told by it.
  const [before, setBefore] = useState(first);
  const [mode, setMode] = useState<Mode>('plain');
  const [text, setText] = useState(() => toPlain(inOrder(first, names)));
  const left = useRef(false);
  // An item is the same however it is written.
  const [typed, setTyped] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [deleting, setDeleting] = useState(false);
  const { item, problem } = read(mode, text, before);
  const isOther = isNew || (item !== undefined && idOf(table, item) !== idOf(table, first));
  const input = item === undefined ? undefined : putInput(table, item, isOther);
  const turn = (next: Mode) => {
    if (item !== undefined) {
      setBefore(item);
      setText(next === 'plain' ? toPlain(item) : toTyped(item));
    }
    setMode(next);
  };
  const save = async () => {
    if (input === undefined) {
      return;
    }
    setBusy(true);
    setFailure(undefined);
    try {
      await api.putItem(input);
      await queries.invalidateQueries({ queryKey: [...key, 'items', table.TableName] });
      notify.success(isOther ? 'Created the item' : 'Saved the item');
      left.current = true;
      go(isOther ? itemPlace(table, input.Item) : at('dynamodb', table.TableName));
    } catch (error) {
      setFailure(refusalText(error));
    }
    setBusy(false);
  };
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <CopyCli service="dynamodb" operation="PutItem" input={input ?? {}} disabled={input === undefined} />
      {isNew ? null : (
        <Button href={href(at('dynamodb', table.TableName, 'item', { from: idOf(table, first) }))} onFollow={follow}>
          Duplicate
        </Button>
      )}
      {isNew ? null : <Button onClick={() => setDeleting(true)}>Delete</Button>}
      <Button variant="primary" disabled={input === undefined} loading={busy} onClick={save}>
        {isOther ? 'Create item' : 'Save'}
      </Button>
    </SpaceBetween>
  );
  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={actions}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {failure === undefined ? null : (
          <Alert type="error" header="The item could not be saved">
            {failure}
          </Alert>
        )}
        {isOther && !isNew ? <Alert type="info">The key is another: this creates a further item, and the first one stays.</Alert> : null}
        <Container>
          <SpaceBetween size="m">
            <SegmentedControl
              label="How the item is written"
              selectedId={mode}
              options={[
                { id: 'plain', text: 'JSON', disabled: item === undefined && mode !== 'plain' },
                { id: 'typed', text: 'DynamoDB JSON', disabled: item === undefined && mode !== 'typed' },
              ]}
              onChange={({ detail }) => turn(detail.selectedId as Mode)}
            />
            <FormField
              stretch
              label="Item"
              description={mode === 'plain' ? 'Sets and bytes stay what they are; new ones are written as DynamoDB JSON.' : 'Each value with its type.'}
              errorText={problem}
            >
              <CodeArea value={text} rows={Math.min(30, Math.max(12, text.split('\n').length + 1))} onChange={(next) => { setText(next); setTyped(true); setFailure(undefined); }} />
            </FormField>
          </SpaceBetween>
        </Container>
      </SpaceBetween>
      {deleting ? (
        <DeleteItems
          table={table.TableName}
          keys={[keyOf(table, first)]}
          onClose={() => setDeleting(false)}
          onDeleted={() => {
            left.current = true;
            go(at('dynamodb', table.TableName));
          }}
        />
      ) : null}
      <LeaveDialog isDirty={() => typed && !left.current} about={['key', 'from']} />
    </ContentLayout>
  );
}

function read(mode: Mode, text: string, before: Item): { item?: Item; problem?: string } {
  try {
    return { item: mode === 'plain' ? fromPlain(text, before) : fromTyped(text) };
  } catch (error) {
    return { problem: errorText(error) };
  }
}

function idOf(table: Table, item: Item): string {
  return JSON.stringify(keyOf(table, item));
}

/** A new item does not take the place of one that is there. */
function putInput(table: Table, item: Item, isNew: boolean): PutItemInput {
  const condition = {
    ConditionExpression: 'attribute_not_exists(#key)',
    ExpressionAttributeNames: { '#key': keysOf(table.KeySchema).hash },
  };
  return { TableName: table.TableName, Item: item, ...(isNew ? condition : {}) };
}
