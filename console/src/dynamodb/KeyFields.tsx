import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { KeyType } from '../aws/dynamodb';
import type { KeyDraft } from './create';
import './dynamodb.css';

export const KEY_TYPES: readonly { readonly value: KeyType; readonly label: string }[] = [
  { value: 'S', label: 'String' },
  { value: 'N', label: 'Number' },
  { value: 'B', label: 'Binary' },
];

interface Props<Draft extends KeyDraft> {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

/** The names and types of a partition key and a sort key. */
export function KeyFields<Draft extends KeyDraft>({ draft, onChange }: Props<Draft>) {
  const type = (label: string, value: KeyType, set: (type: KeyType) => void) => (
    <Select
      ariaLabel={`Type of the ${label}`}
      selectedOption={KEY_TYPES.find((one) => one.value === value) ?? null}
      options={KEY_TYPES}
      onChange={({ detail }) => set(detail.selectedOption.value as KeyType)}
    />
  );
  return (
    <SpaceBetween size="m">
      <FormField stretch label="Partition key">
        <div className="key-field">
          <Input value={draft.hash} autoComplete={false} onChange={({ detail }) => onChange({ ...draft, hash: detail.value })} />
          {type('partition key', draft.hashType, (hashType) => onChange({ ...draft, hashType }))}
        </div>
      </FormField>
      <FormField stretch label={<>Sort key <i>- optional</i></>}>
        <div className="key-field">
          <Input value={draft.range} autoComplete={false} onChange={({ detail }) => onChange({ ...draft, range: detail.value })} />
          {type('sort key', draft.rangeType, (rangeType) => onChange({ ...draft, rangeType }))}
        </div>
      </FormField>
    </SpaceBetween>
  );
}
