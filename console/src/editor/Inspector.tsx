import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { asArray, asObject, asText, type Json, member } from '../graph/json';
import { nameOf, type StatePath } from '../graph/path';
import type { StateDiagnostics } from '../graph/props';
import { type FormPlace, useEditing, useRefuge, type Wanted } from './context';
import { byState } from './findings';
import { type Field, fieldsIn, isStateType, type Tab } from './fields';
import { Fields } from './Fields';
import { keysOfState, stateAt } from './locate';
import { nameProblem } from './operations';
import { languageOf, namesIn } from './place';
import { Strip } from '../ui/Strip';
import { TaskForm } from './TaskForm';
import { isWithin } from './unused';
import { useDraft } from './useDraft';

interface Props {
  readonly selected: StatePath | undefined;
  readonly found: StateDiagnostics | undefined;
  /** False if the state cannot have the name. */
  readonly onRename: (name: string) => boolean;
  readonly onDuplicate: () => void;
  readonly onDelete: () => void;
}

/** Forms for the selected state, or for the whole where none is. */
export function Inspector({ selected, found, ...actions }: Props) {
  const { definition, unused } = useEditing();
  const keys = selected === undefined ? undefined : keysOfState(definition, selected);
  if (selected === undefined || keys === undefined) return <MachineForm />;
  const value = valueAt(definition, keys);
  const place: FormPlace = {
    keys,
    object: asObject(value),
    language: languageOf(definition, value),
    states: namesIn(valueAt(definition, keys.slice(0, -2))),
  };
  return (
    <SpaceBetween size="s" key={selected}>
      <StateHeader selected={selected} place={place} {...actions} />
      <Said found={found} />
      {unused.list.filter((one) => isWithin(one.keys, keys) && stateAt(one.keys) === selected).map((one) => (
        <Alert key={one.keys.join('/')} type="error" action={<Button onClick={() => unused.drop(one.keys)}>Discard the text</Button>}>
          {`${one.field} holds a text that is not part of the definition yet.`}
        </Alert>
      ))}
      <StateTabs place={place} />
    </SpaceBetween>
  );
}

/** What the server says of it. */
function Said({ found }: Pick<Props, 'found'>) {
  if (found === undefined) return null;
  return <Alert type={found.errors > 0 ? 'error' : 'warning'}>{found.messages.map((message, index) => <div key={index}>{message}</div>)}</Alert>;
}

const valueAt = (definition: unknown, keys: readonly (string | number)[]) => keys.reduce(member, definition);

function MachineForm() {
  const { definition, told } = useEditing();
  const found = byState(told.map((one) => ({ ...one, state: one.state ?? '' }))).get('');
  const place: FormPlace = { keys: [], object: asObject(definition), language: languageOf(definition), states: namesIn(definition) };
  const fields = fieldsIn('Machine', place.language).filter(({ kind }) => kind !== 'states');
  return (
    <SpaceBetween size="m">
      <Header variant="h2" description="Choose a state in the graph to edit it, or drop one from the States browser.">Workflow</Header>
      <Said found={found} />
      <Fields place={place} fields={fields} />
    </SpaceBetween>
  );
}

function StateHeader({ selected, place, onRename, onDuplicate, onDelete }: Omit<Props, 'selected' | 'found'> & { readonly selected: StatePath; readonly place: FormPlace }) {
  const { definition } = useEditing();
  // A state of another name is another selection, with forms of its own: not while somebody types into this one.
  const problemOf = (text: string) => nameProblem(definition as Json, text) ?? 'The text of the definition cannot be read: mend it under Code.';
  const refuge = useRefuge({ keys: place.keys, field: 'State name' }, problemOf);
  const name = useDraft(nameOf(selected), (text) => text === nameOf(selected) || onRename(text), { when: 'onLeave', refuge });
  return (
    <SpaceBetween size="xs">
      <Header
        variant="h2"
        actions={
          <SpaceBetween direction="horizontal" size="xxs">
            <Button variant="icon" iconName="copy" ariaLabel="Duplicate state (Ctrl+D)" onClick={onDuplicate} />
            <Button variant="icon" iconName="remove" ariaLabel="Delete state (Delete)" onClick={onDelete} />
          </SpaceBetween>
        }
      >
        {nameOf(selected)} <Badge>{asText(place.object.Type) ?? 'no type'}</Badge> <Badge color="grey">{place.language}</Badge>
      </Header>
      <FormField stretch label="State name" errorText={name.isRefused ? problemOf(name.text) : undefined}>
        <Input
          value={name.text} onChange={({ detail }) => name.set(detail.value)} onBlur={name.flush} autoComplete={false} spellcheck={false}
          onKeyDown={({ detail }) => { if (detail.key === 'Enter') name.flush(); }}
        />
      </FormField>
    </SpaceBetween>
  );
}

const TABS: readonly { id: Tab; label: string }[] = [
  { id: 'configuration', label: 'Configuration' },
  { id: 'input', label: 'Input' },
  { id: 'output', label: 'Output' },
  { id: 'error', label: 'Error handling' },
];

function StateTabs({ place }: { readonly place: FormPlace }) {
  const { wanted } = useEditing();
  const [active, setActive] = useState<Tab>('configuration');
  const [seen, setSeen] = useState<Wanted>();
  const type = place.object.Type;
  const fields = isStateType(type) ? fieldsIn(type, place.language) : fieldsIn('Task', place.language).filter(({ name }) => name === 'Type');
  const tabs = TABS.map(({ id, label }) => ({ id, label, fields: fields.filter((field) => field.tab === id) })).filter((tab) => tab.fields.length > 0);
  if (wanted !== undefined && wanted !== seen) {
    setSeen(wanted);
    const tab = isWithin(wanted.keys, place.keys) ? fields.find(({ name }) => name === wanted.keys[place.keys.length])?.tab : undefined;
    if (tab !== undefined) setActive(tab);
  }
  const shown = tabs.find(({ id }) => id === active) ?? tabs[0];
  if (shown === undefined) return null;
  return (
    <Strip label="Fields of the state" tabs={tabs} active={shown.id} onChange={setActive}>
      <TabForm key={shown.id} place={place} fields={shown.fields} isFirst={shown.id === 'configuration'} />
    </Strip>
  );
}

/** What every state has comes behind what this type is for. */
const GENERAL = new Set(['Type', 'Comment', 'QueryLanguage']);

function TabForm({ place, fields, isFirst }: { readonly place: FormPlace; readonly fields: readonly Field[]; readonly isFirst: boolean }) {
  const ordered = [...fields.filter(({ name }) => !GENERAL.has(name)), ...fields.filter(({ name }) => GENERAL.has(name))];
  const inForms = ordered.filter(({ kind }) => kind !== 'workflows');
  return (
    <SpaceBetween size="m">
      {isFirst && place.object.Type === 'Task' ? <TaskForm place={place} /> : null}
      {isFirst && place.object.Type === 'Parallel' ? <BranchesForm place={place} /> : null}
      <Fields place={place} fields={inForms} />
    </SpaceBetween>
  );
}

/** How many branches there are; what is in them is drawn. */
function BranchesForm({ place }: { readonly place: FormPlace }) {
  const { change } = useEditing();
  const branches = asArray(place.object.Branches);
  const path = [...place.keys, 'Branches'];
  return (
    <SpaceBetween size="xs">
      <Box variant="awsui-key-label">Branches</Box>
      {branches.map((branch, index) => (
        <div key={index} className="ce-part">
          <Box>{`${index + 1}. ${namesIn(branch).join(', ') || 'empty'}`}</Box>
          <Button variant="icon" iconName="remove" ariaLabel={`Remove branch ${index + 1}`} onClick={() => change([{ kind: 'remove', path: [...path, index] }])} />
        </div>
      ))}
      <Button iconName="add-plus" onClick={() => change([{ kind: 'set', path: [...path, branches.length], value: {} }])}>Add branch</Button>
    </SpaceBetween>
  );
}
