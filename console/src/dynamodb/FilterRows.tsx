import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import './dynamodb.css';
import { type Filter, FILTER_OPS, OP_WORDS, type Op, type ValueType } from './find';

const TYPES: readonly { readonly value: ValueType; readonly label: string }[] = [
  { value: 'S', label: 'String' },
  { value: 'N', label: 'Number' },
  { value: 'BOOL', label: 'Boolean' },
  { value: 'NULL', label: 'Null' },
  { value: 'B', label: 'Binary' },
];
const OPS = FILTER_OPS.map((op) => ({ value: op, label: OP_WORDS[op] }));
const TRUTHS = [
  { value: 'true', label: 'true' },
  { value: 'false', label: 'false' },
];

interface Props {
  readonly filters: readonly Filter[];
  readonly onChange: (filters: readonly Filter[]) => void;
}

/** What must hold of the items, each row one condition. */
export function FilterRows({ filters, onChange }: Props) {
  return (
    <SpaceBetween size="s">
      {filters.map((filter, at) => (
        <FilterRow
          key={at}
          filter={filter}
          isFirst={at === 0}
          onChange={(changed) => onChange(filters.map((old, other) => (other === at ? changed : old)))}
          onRemove={() => onChange(filters.filter((_, other) => other !== at))}
        />
      ))}
      <Button
        iconName="add-plus"
        formAction="none"
        onClick={() => onChange([...filters, { name: '', type: 'S', op: '=', value: '' }])}
      >
        Add filter
      </Button>
    </SpaceBetween>
  );
}

interface RowProps {
  readonly filter: Filter;
  readonly isFirst: boolean;
  readonly onChange: (filter: Filter) => void;
  readonly onRemove: () => void;
}

function FilterRow({ filter, isFirst, onChange, onRemove }: RowProps) {
  const wantsValue = filter.op !== 'exists' && filter.op !== 'not_exists' && filter.type !== 'NULL';
  const label = (text: string) => (isFirst ? { label: text } : {});
  return (
    <div className="filter-row">
      <FormField {...label('Attribute')}>
        <Input ariaLabel="Attribute" value={filter.name} autoComplete={false} onChange={({ detail }) => onChange({ ...filter, name: detail.value })} />
      </FormField>
      <FormField {...label('Type')}>
        <Select
          ariaLabel="Type"
          selectedOption={TYPES.find(({ value }) => value === filter.type) ?? null}
          options={TYPES}
          onChange={({ detail }) => {
            const type = detail.selectedOption.value as ValueType;
            onChange({ ...filter, type, ...(type === 'BOOL' ? { value: 'true' } : {}) });
          }}
        />
      </FormField>
      <FormField {...label('Condition')}>
        <Select
          ariaLabel="Condition"
          selectedOption={OPS.find(({ value }) => value === filter.op) ?? null}
          options={OPS}
          onChange={({ detail }) => onChange({ ...filter, op: detail.selectedOption.value as Op })}
        />
      </FormField>
      <FormField {...label('Value')}>
        <div className="filter-values">
          {filter.type === 'BOOL' && wantsValue ? (
            <Select
              ariaLabel="Value"
              selectedOption={TRUTHS.find(({ value }) => value === filter.value) ?? null}
              options={TRUTHS}
              onChange={({ detail }) => onChange({ ...filter, value: detail.selectedOption.value ?? 'true' })}
            />
          ) : (
            <Input
              ariaLabel="Value"
              disabled={!wantsValue}
              value={wantsValue ? (filter.value ?? '') : ''}
              onChange={({ detail }) => onChange({ ...filter, value: detail.value })}
            />
          )}
          {filter.op === 'between' ? (
            <Input ariaLabel="and" value={filter.upTo ?? ''} onChange={({ detail }) => onChange({ ...filter, upTo: detail.value })} />
          ) : null}
        </div>
      </FormField>
      <Button iconName="close" variant="icon" formAction="none" ariaLabel="Remove the filter" onClick={onRemove} />
    </div>
  );
}
