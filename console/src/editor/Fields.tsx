import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { asObject, type Json } from '../graph/json';
import { type FormPlace, useEditing } from './context';
import type { Field } from './fields';
import { FieldForm } from './forms';
import { NextField } from './NextField';

interface Props {
  readonly place: FormPlace;
  readonly fields: readonly Field[];
}

/** Forms for fields of one object; of those that exclude each other one is chosen. */
export function Fields({ place, fields }: Props) {
  const groups = new Map<string, Field[]>();
  for (const field of fields) {
    if (field.distributed === true && !isDistributed(place) && !(field.name in place.object)) continue;
    const key = field.oneOf ?? `=${field.name}`;
    groups.set(key, [...(groups.get(key) ?? []), field]);
  }
  return (
    <SpaceBetween size="m">
      {[...groups].map(([key, [first, ...rest]]) => {
        if (first === undefined) return null;
        if (key === 'Next state') return <NextField key={key} place={place} />;
        if (rest.length === 0) return <FieldForm key={key} place={place} field={first} />;
        return <OneOf key={key} label={key} place={place} fields={[first, ...rest]} />;
      })}
    </SpaceBetween>
  );
}

/** A Distributed Map, or something inside one: its `ProcessorConfig` and files. */
function isDistributed({ object }: FormPlace): boolean {
  const processor = asObject(object.ItemProcessor ?? object.Iterator);
  return asObject(processor.ProcessorConfig).Mode === 'DISTRIBUTED' || object.Mode === 'DISTRIBUTED';
}

function OneOf({ label, place, fields }: Props & { readonly label: string }) {
  const { change } = useEditing();
  const given = fields.find(({ name }) => name in place.object);
  const choose = (name: string | undefined) => {
    const next = fields.find((field) => field.name === name);
    const gone = fields.filter((field) => field.name in place.object && field !== next);
    change([
      ...gone.map((field) => ({ kind: 'remove' as const, path: [...place.keys, field.name] })),
      ...(next === undefined || next === given ? [] : [{ kind: 'set' as const, path: [...place.keys, next.name], value: beginning(next) }]),
    ]);
  };
  return (
    <FormField stretch label={label} description={given?.help}>
      <SpaceBetween size="xxs">
        <Select
          selectedOption={{ value: given?.name ?? '', label: given?.name ?? 'Not set' }}
          options={[{ value: '', label: 'Not set' }, ...fields.map(({ name, help }) => ({ value: name, description: help }))]}
          onChange={({ detail }) => choose(detail.selectedOption.value)}
          ariaLabel={label}
          expandToViewport
        />
        {given === undefined ? null : <FieldForm key={given.name} place={place} field={given} bare />}
      </SpaceBetween>
    </FormField>
  );
}

function beginning({ kind, name }: Field): Json {
  if (kind === 'number') return 1;
  if (kind === 'path') return `$.${name.replace(/Path$/, '').toLowerCase()}`;
  return name === 'Timestamp' ? '2030-01-01T00:00:00Z' : '';
}
