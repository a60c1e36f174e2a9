import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { notify } from '../app/notifications';
import type { Json } from '../graph/json';
import { useEditing } from './context';
import type { FieldProps } from './forms';
import type { Language } from './fields';
import { type Turned, turned } from './language';
import { LanguageDialog } from './LanguageDialog';

const NONE = { value: '', label: '–' };

/** The query language; another one takes the fields along, after a question where there are any. */
export function LanguageField({ place, field }: FieldProps) {
  const { definition, change } = useEditing();
  const [asked, setAsked] = useState<Turned & { readonly to: string }>();
  const value = place.object[field.name];
  const options = (field.options ?? []).map((name) => ({ value: name }));
  const choose = (name: string | undefined) => {
    const language = options.find((one) => one.value === name)?.value as Language | undefined;
    const plan = planned(definition as Json, place.keys, language);
    if (plan === undefined) return;
    if (plan.converted.length + plan.lost.length === 0) change(plan.changes);
    else setAsked({ ...plan, to: language ?? 'another query language' });
  };
  return (
    <>
      <Select
        selectedOption={value === undefined ? NONE : { value: typeof value === 'string' ? value : JSON.stringify(value) }}
        options={[NONE, ...options]}
        onChange={({ detail }) => choose(detail.selectedOption.value)}
        ariaLabel={field.name}
        expandToViewport
      />
      {asked === undefined ? null : <LanguageDialog {...asked} onConfirm={() => change(asked.changes)} onClose={() => setAsked(undefined)} />}
    </>
  );
}

/** What is nested deeper than calls can follow is no definition, but may be written. */
function planned(...what: Parameters<typeof turned>): Turned | undefined {
  try {
    return turned(...what);
  } catch (error) {
    notify.error('The query language could not be changed', error);
    return undefined;
  }
}
