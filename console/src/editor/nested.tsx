import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import type { ReactNode } from 'react';
import { asArray, asObject, asText, type Json, type JsonObject } from '../graph/json';
import { ruleLabel } from '../graph/rule';
import { ConditionForm } from './ConditionForm';
import { type FormPlace, useEditing } from './context';
import { fieldsIn, type TableName } from './fields';
import type { FieldProps } from './forms';
import { Fields } from './Fields';
import type { Key } from './patch';
import { isWithin } from './unused';

/** An object with fields of its own, used or not. */
export function ObjectField({ place, field }: FieldProps) {
  const { change } = useEditing();
  const value = place.object[field.name];
  const path = [...place.keys, field.name];
  const inside: FormPlace = { ...place, keys: path, object: asObject(value) };
  const form = field.of === undefined ? null : <Fields place={inside} fields={formFields(field.of, place)} />;
  // A Map cannot do without its processor.
  if (field.kind === 'workflow') return value === undefined && field.name === 'Iterator' ? null : <Within name={field.name}>{form}</Within>;
  return (
    <SpaceBetween size="xs">
      <Toggle
        checked={value !== undefined}
        description={field.help}
        onChange={({ detail }) => change([detail.checked ? { kind: 'set', path, value: {} } : { kind: 'remove', path }])}
      >
        {field.name}
      </Toggle>
      {value === undefined ? null : <Container>{form}</Container>}
    </SpaceBetween>
  );
}

/** Its fields, told apart from those of the same names around it. */
function Within({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div role="group" aria-label={name}>
      <SpaceBetween size="xs">
        <Box variant="awsui-key-label">{name}</Box>
        <Container>{children}</Container>
      </SpaceBetween>
    </div>
  );
}

const formFields = (table: TableName, { language }: FormPlace) =>
  fieldsIn(table, language).filter(({ kind, name }) => kind !== 'states' && !(name === 'StartAt'));

/** Retriers, catchers, rules: in an order that counts. */
export function ListField({ place, field }: FieldProps) {
  const { change } = useEditing();
  const path = [...place.keys, field.name];
  const items = asArray(place.object[field.name]);
  const add = () => change([{ kind: 'set', path: [...path, items.length], value: fresh(field.of, place) }]);
  return (
    <SpaceBetween size="s">
      <Header variant="h3" description={field.help} actions={<Button iconName="add-plus" onClick={add}>{`Add ${title(field.of)}`}</Button>}>
        {field.name}
      </Header>
      {items.length === 0 ? <Box color="text-body-secondary">{`No ${title(field.of)}s.`}</Box> : null}
      {items.map((item, at) => (
        <ListItem key={at} place={{ ...place, keys: [...path, at], object: asObject(item) }} table={field.of} item={item} at={at} count={items.length} list={path} />
      ))}
    </SpaceBetween>
  );
}

interface ItemProps {
  readonly place: FormPlace;
  readonly table: TableName | undefined;
  readonly item: Json;
  readonly at: number;
  readonly count: number;
  readonly list: readonly Key[];
}

function ListItem({ place, table, item, at, count, list }: ItemProps) {
  const { change, unused } = useEditing();
  const move = (by: number) => change([{ kind: 'remove', path: [...list, at] }, { kind: 'insert', path: [...list, at + by], value: item }]);
  const actions = (
    <SpaceBetween direction="horizontal" size="xxs">
      <Button variant="icon" iconName="angle-up" ariaLabel="Move up" disabled={at === 0} onClick={() => move(-1)} />
      <Button variant="icon" iconName="angle-down" ariaLabel="Move down" disabled={at === count - 1} onClick={() => move(1)} />
      <Button variant="icon" iconName="remove" ariaLabel={`Remove ${title(table)}`} onClick={() => change([{ kind: 'remove', path: [...list, at] }])} />
    </SpaceBetween>
  );
  return (
    <div className="ce-card">
      <ExpandableSection variant="footer" headerText={`${at + 1}. ${summary(table, item)}`} defaultExpanded={count === 1 || unused.list.some(({ keys }) => isWithin(keys, place.keys))}>
        <SpaceBetween size="s">
          {table === 'Rule' && place.language === 'JSONPath' ? <ConditionForm keys={place.keys} rule={place.object} depth={0} /> : null}
          {table === undefined ? null : <Fields place={place} fields={fieldsIn(table, place.language)} />}
        </SpaceBetween>
      </ExpandableSection>
      <div className="ce-card-buttons">{actions}</div>
    </div>
  );
}

const TITLES: Partial<Record<TableName, string>> = { Retrier: 'retrier', Catcher: 'catcher', Rule: 'rule' };
const title = (table: TableName | undefined) => (table === undefined ? 'item' : (TITLES[table] ?? 'item'));

function summary(table: TableName | undefined, item: Json): string {
  if (table === 'Rule') return `${ruleLabel(item)} → ${asText(asObject(item).Next) ?? '?'}`;
  const names = asArray(asObject(item).ErrorEquals).map((name) => asText(name) ?? '?');
  return names.length > 2 ? `${names[0] ?? ''} and ${names.length - 1} more` : names.join(', ') || 'no errors';
}

/** What a new one begins with. */
function fresh(table: TableName | undefined, { language, states }: FormPlace): JsonObject {
  const next = states.at(-1) ?? '';
  if (table === 'Retrier') return { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 };
  if (table === 'Catcher') return { ErrorEquals: ['States.ALL'], Next: next };
  if (table !== 'Rule') return {};
  return language === 'JSONata' ? { Condition: '{% true %}', Next: next } : { Variable: '$.value', IsPresent: true, Next: next };
}
