import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import Textarea from '@cloudscape-design/components/textarea';
import { type Json } from '../graph/json';
import { type FormPlace, useEditing, useRefuge } from './context';
import { type Field } from './fields';
import type { Finding } from './findings';
import { JsonBox } from './JsonBox';
import { LanguageField } from './LanguageField';
import { ListField, ObjectField } from './nested';
import { NamesField } from './NamesField';
import { ofType } from './place';
import { isSame } from './unused';
import { useDraft } from './useDraft';
import { jsonProblem } from '../ui/json';

export interface FieldProps {
  readonly place: FormPlace;
  readonly field: Field;
  /** Without its own label: a group has one for several. */
  readonly bare?: boolean;
}

/** The form of one field, by its kind in the table. */
export function FieldForm({ place, field, bare = false }: FieldProps) {
  const { told } = useEditing();
  if (field.kind === 'object' || field.kind === 'workflow') return <ObjectField place={place} field={field} />;
  if (field.kind === 'list') return <ListField place={place} field={field} />;
  const control = <Control place={place} field={field} />;
  if (bare) return control;
  const said = (severity: Finding['severity']) =>
    told.filter((one) => one.severity === severity && isSame(one.keys, [...place.keys, field.name])).map(({ message }) => message).join(' ');
  return <FormField stretch label={field.name} description={field.help} errorText={said('ERROR')} warningText={said('WARNING')}>{control}</FormField>;
}

function Control(props: FieldProps) {
  if (props.field.name === 'QueryLanguage') return <LanguageField {...props} />;
  switch (props.field.kind) {
    case 'boolean': return <BooleanControl {...props} />;
    case 'choice': return <ChoiceControl {...props} options={props.field.options ?? []} />;
    case 'state': return <ChoiceControl {...props} options={props.place.states} />;
    case 'errors': case 'texts': return <NamesField {...props} />;
    case 'json': return <JsonControl {...props} />;
    default: return <TextControl {...props} />;
  }
}

/** Gives the field a value, or takes it away. */
export function useSetter({ place, field }: FieldProps): (value: Json | undefined) => void {
  const { change } = useEditing();
  const path = [...place.keys, field.name];
  return (value) => change([value === undefined ? { kind: 'remove', path } : { kind: 'set', path, value }]);
}

function TextControl(props: FieldProps) {
  const { field, place } = props;
  const set = useSetter(props);
  const draft = useDraft(shown(place.object[field.name]), (text) => {
    set(read(text, field));
    return true;
  });
  const shared = {
    value: draft.text,
    onChange: ({ detail }: { detail: { value: string } }) => draft.set(detail.value),
    onBlur: draft.flush,
    ariaLabel: field.name,
    spellcheck: field.kind === 'lines',
    ...(field.kind === 'path' ? { placeholder: '$' } : {}),
  };
  if (field.kind === 'lines') return <Textarea {...shared} rows={2} />;
  return <Input {...shared} autoComplete={false} onKeyDown={({ detail }) => { if (detail.key === 'Enter') draft.flush(); }} />;
}

const shown = (value: Json | undefined) => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value));

/** What a person means by a text: nothing, a number, null for a path, or the text. */
function read(text: string, { kind }: Field): Json | undefined {
  if (text.trim() === '') return undefined;
  if (kind === 'path' && text.trim() === 'null') return null;
  return kind === 'number' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function BooleanControl(props: FieldProps) {
  const set = useSetter(props);
  const { name } = props.field;
  return <Checkbox checked={props.place.object[name] === true} onChange={({ detail }) => set(detail.checked ? true : undefined)}>{name}</Checkbox>;
}

const NONE = { value: '', label: '–' };

function ChoiceControl(props: FieldProps & { readonly options: readonly string[] }) {
  const { place, field } = props;
  const { change } = useEditing();
  const put = useSetter(props);
  const set = (chosen: string | undefined) => (field.name === 'Type' ? change(ofType(place.object, place.keys, chosen)) : put(chosen));
  const value = shown(props.place.object[props.field.name]);
  const names = value === '' || props.options.includes(value) ? props.options : [value, ...props.options];
  return (
    <Select
      selectedOption={value === '' ? NONE : { value }}
      options={[NONE, ...names.map((name) => ({ value: name, ...(props.options.includes(name) ? {} : { description: 'not known' }) }))]}
      onChange={({ detail }) => set(detail.selectedOption.value === '' ? undefined : detail.selectedOption.value)}
      filteringType={names.length > 8 ? 'auto' : 'none'}
      virtualScroll={names.length > 100}
      ariaLabel={props.field.name}
      expandToViewport
    />
  );
}

function JsonControl(props: FieldProps) {
  const set = useSetter(props);
  const { field, place } = props;
  const value = place.object[field.name];
  const keys = [...place.keys, field.name];
  const refuge = useRefuge({ keys, field: field.name }, notJson);
  const draft = useDraft(value === undefined ? '' : JSON.stringify(value, null, 2), (text) => {
    const json = jsonOrExpression(text);
    if (json === undefined) return false;
    set(json.value);
    return true;
  }, { refuge });
  return (
    <FormField stretch errorText={draft.isRefused ? `${notJson(draft.text)}. It is not part of the definition yet.` : undefined}>
      <JsonBox label={field.name} value={draft.text} keys={keys} onChange={draft.set} onBlur={draft.flush} />
    </FormField>
  );
}

const notJson = (text: string) => jsonProblem(text) ?? 'This is not JSON';

/** JSON, or a JSONata expression without its quotes; an empty text takes the field away. */
function jsonOrExpression(text: string): { value: Json | undefined } | undefined {
  const plain = text.trim();
  if (plain === '') return { value: undefined };
  if (plain.startsWith('{%') && plain.endsWith('%}')) return { value: plain };
  try {
    return { value: JSON.parse(plain) as Json };
  } catch {
    return undefined;
  }
}
