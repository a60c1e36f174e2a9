import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import { asText } from '../graph/json';
import { type FormPlace, useEditing } from './context';
import type { Change } from './patch';

const END = { value: '#end', label: 'Go to end' };
const NONE = { value: '#none', label: '–' };

/** Where a state leads: `Next` or `End`, in the words of the console that people know. */
export function NextField({ place }: { readonly place: FormPlace }) {
  const { change } = useEditing();
  const { object, keys, states } = place;
  const next = asText(object.Next);
  const selected = next !== undefined ? { value: next } : object.End === true ? END : NONE;
  const choose = (value: string | undefined) => {
    const path = (name: string) => [...keys, name];
    const changes: Change[] = [];
    if (value === END.value) {
      if ('Next' in object) changes.push({ kind: 'rename', path: path('Next'), name: 'End' });
      changes.push({ kind: 'set', path: path('End'), value: true });
    } else if (value !== undefined) {
      if ('End' in object && 'Next' in object) changes.push({ kind: 'remove', path: path('End') });
      else if ('End' in object) changes.push({ kind: 'rename', path: path('End'), name: 'Next' });
      changes.push({ kind: 'set', path: path('Next'), value });
    }
    change(changes);
  };
  return (
    <FormField stretch label="Next state" description="The state that follows, or the end of the workflow.">
      <Select
        selectedOption={selected}
        options={[END, ...states.filter((name) => name !== keys.at(-1)).map((value) => ({ value }))]}
        onChange={({ detail }) => choose(detail.selectedOption.value)}
        filteringType={states.length > 8 ? 'auto' : 'none'}
        virtualScroll={states.length > 100}
        ariaLabel="Next state"
        expandToViewport
      />
    </FormField>
  );
}
