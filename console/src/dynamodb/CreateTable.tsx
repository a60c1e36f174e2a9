import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { at, useGo } from '../app/link';
import { notify } from '../app/notifications';
import { CopyCli } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { createInput, draftProblem, type IndexDraft, type KeyDraft, NO_KEY } from './create';
import { KeyFields } from './KeyFields';
import { useDynamo } from './useDynamo';

/** The API's bound. */
const INDEXES_MAX = 20;

export function CreateTable({ onClose }: { readonly onClose: () => void }) {
  const { api, key } = useDynamo();
  const queries = useQueryClient();
  const go = useGo();
  const [name, setName] = useState('');
  const [draft, setDraft] = useState<KeyDraft>(NO_KEY);
  const [indexes, setIndexes] = useState<readonly IndexDraft[]>([]);
  const problem = draftProblem(name, draft, indexes);
  const input = createInput(name, draft, indexes);
  const change = (at: number, index: IndexDraft) => setIndexes(indexes.map((old, place) => (place === at ? index : old)));
  const create = async () => {
    await api.createTable(input);
    await queries.invalidateQueries({ queryKey: [...key, 'tables'] });
    notify.success(`Created ${name}`);
    go(at('dynamodb', name));
  };
  return (
    <Dialog
      title="Create table"
      action="Create table"
      size="large"
      disabled={problem !== undefined}
      onConfirm={create}
      onClose={onClose}
      extra={<CopyCli service="dynamodb" operation="CreateTable" input={input} disabled={problem !== undefined} />}
    >
      <FormField stretch label="Table name">
        <Input value={name} autoFocus autoComplete={false} spellcheck={false} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <KeyFields draft={draft} onChange={setDraft} />
      {indexes.map((index, place) => (
        <Container
          key={place}
          header={
            <Header
              variant="h3"
              actions={
                <Button formAction="none" onClick={() => setIndexes(indexes.filter((_, other) => other !== place))}>
                  Remove
                </Button>
              }
            >
              Global secondary index
            </Header>
          }
        >
          <SpaceBetween size="m">
            <FormField stretch label="Index name">
              <Input value={index.name} autoComplete={false} onChange={({ detail }) => change(place, { ...index, name: detail.value })} />
            </FormField>
            <KeyFields draft={index} onChange={(changed) => change(place, changed)} />
          </SpaceBetween>
        </Container>
      ))}
      <Button
        iconName="add-plus"
        formAction="none"
        disabled={indexes.length >= INDEXES_MAX}
        onClick={() => setIndexes([...indexes, { ...NO_KEY, name: '' }])}
      >
        Add global secondary index
      </Button>
      {problem !== undefined && name !== '' && draft.hash !== '' ? <Box color="text-status-error">{problem}</Box> : null}
    </Dialog>
  );
}
