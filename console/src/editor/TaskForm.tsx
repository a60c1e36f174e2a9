import Autosuggest from '@cloudscape-design/components/autosuggest';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { asObject, asText } from '../graph/json';
import { type FormPlace, useEditing } from './context';
import { errorText } from '../app/notifications';
import { type Listed, listedArgument, useListed } from './resources';
import { useDraft } from './useDraft';

/** What a Task calls: how it waits for it, and the thing that it names. */
export function TaskForm({ place }: { readonly place: FormPlace }) {
  const resource = asText(place.object.Resource) ?? '';
  const listed = listedArgument(resource);
  return (
    <SpaceBetween size="m">
      <PatternForm place={place} resource={resource} />
      {listed === undefined ? null : <ListedForm key={listed} place={place} kind={listed} />}
    </SpaceBetween>
  );
}

const PATTERNS = [
  { value: '', label: 'Request response', description: 'The answer is the result.' },
  { value: '.sync', label: 'Run a job (.sync)', description: 'Waits until the job has ended.' },
  { value: '.sync:2', label: 'Run to the end (.sync:2)', description: 'Waits for the execution; its output is JSON.' },
  { value: '.waitForTaskToken', label: 'Wait for callback', description: 'Waits until somebody sends the token back.' },
];

/** Optimised integrations wait in three ways; an SDK call may wait for a callback; nothing else has a choice. */
function PatternForm({ place, resource }: { readonly place: FormPlace; readonly resource: string }) {
  const { change } = useEditing();
  const [, base, pattern = ''] = /^(arn:[^:]*:states:[^:]*:[^:]*:(?!activity:)[^.]+?)(\.[\w:]+)?$/.exec(resource) ?? [];
  if (base === undefined) return null;
  const isSdk = base.includes(':aws-sdk:');
  const isStates = base.endsWith(':states:startExecution');
  const options = PATTERNS.filter(({ value }) => value === pattern || value === '' || value === '.waitForTaskToken' || (!isSdk && (value === '.sync' || isStates)));
  return (
    <FormField stretch label="Integration type">
      <Select
        selectedOption={options.find(({ value }) => value === pattern) ?? { value: pattern }}
        options={options}
        onChange={({ detail }) => change([{ kind: 'set', path: [...place.keys, 'Resource'], value: base + (detail.selectedOption.value ?? '') }])}
        ariaLabel="Integration type"
        expandToViewport
      />
    </FormField>
  );
}

const TITLES: Record<Listed, string> = {
  FunctionName: 'Function name', TopicArn: 'Topic', QueueUrl: 'Queue', TableName: 'Table name', StateMachineArn: 'State machine', Bucket: 'Bucket', CollectionId: 'Collection',
};

function ListedForm({ place, kind }: { readonly place: FormPlace; readonly kind: Listed }) {
  const { change } = useEditing();
  const { data, error, isPending } = useListed(kind);
  const given = place.language === 'JSONata' ? 'Arguments' : 'Parameters';
  const object = asObject(place.object[given]);
  const dynamic = asText(object[`${kind}.$`]);
  const draft = useDraft(dynamic ?? asText(object[kind]) ?? '', (text) => {
    const isPath = place.language === 'JSONPath' && text.startsWith('$');
    const [name, other] = isPath ? [`${kind}.$`, kind] : [kind, `${kind}.$`];
    change([...(other in object ? [{ kind: 'rename' as const, path: [...place.keys, given, other], name }] : []), { kind: 'set', path: [...place.keys, given, name], value: text }]);
    return true;
  });
  return (
    <FormField stretch label={TITLES[kind]} description={`${given}.${kind}`}>
      <Autosuggest
        value={draft.text}
        options={(data ?? []).map((value) => ({ value }))}
        onChange={({ detail }) => draft.set(detail.value)}
        onBlur={draft.flush}
        enteredTextLabel={(value) => `Use "${value}"`}
        statusType={isPending ? 'loading' : error === null ? 'finished' : 'error'}
        {...(error === null ? {} : { errorText: errorText(error) })}
        empty={`The server has none: type a ${place.language === 'JSONata' ? 'name or an expression' : 'name or a path'}.`}
        ariaLabel={TITLES[kind]}
        expandToViewport
      />
    </FormField>
  );
}
