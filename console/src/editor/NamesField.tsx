import Autosuggest from '@cloudscape-design/components/autosuggest';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TokenGroup from '@cloudscape-design/components/token-group';
import { useRef, useState } from 'react';
import { asArray, asText } from '../graph/json';
import { ERROR_NAMES } from './fields';
import { type FieldProps, useSetter } from './forms';

/** A list of names, each typed or chosen: errors, columns. */
export function NamesField(props: FieldProps) {
  const { field, place } = props;
  const set = useSetter(props);
  const [text, setText] = useState('');
  // Enter on a highlighted name is told twice, as that name and as a key: by the key nothing is left to add.
  const typed = useRef('');
  const type = (next: string) => {
    typed.current = next;
    setText(next);
  };
  const names = asArray(place.object[field.name]).map((name) => asText(name) ?? JSON.stringify(name));
  const add = (name: string) => {
    type('');
    if (name.trim() !== '' && !names.includes(name.trim())) set([...names, name.trim()]);
  };
  const known = field.kind === 'errors' ? ERROR_NAMES.filter((name) => !names.includes(name)) : [];
  return (
    <SpaceBetween size="xxs">
      <Autosuggest
        value={text}
        options={known.map((value) => ({ value }))}
        onChange={({ detail }) => type(detail.value)}
        onSelect={({ detail }) => add(detail.value)}
        onKeyDown={({ detail }) => { if (detail.key === 'Enter') add(typed.current); }}
        onBlur={() => add(typed.current)}
        enteredTextLabel={(value) => `Add "${value}"`}
        placeholder="Add a name"
        ariaLabel={field.name}
        expandToViewport
      />
      <TokenGroup
        items={names.map((label) => ({ label, dismissLabel: `Remove ${label}` }))}
        onDismiss={({ detail }) => set(names.filter((_, at) => at !== detail.itemIndex))}
      />
    </SpaceBetween>
  );
}
