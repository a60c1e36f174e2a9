import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { asArray, asObject, asText, type Json, type JsonObject } from '../graph/json';
import { useEditing } from './context';
import { COMPARISONS } from './fields';
import type { Change, Key } from './patch';
import { useDraft } from './useDraft';

interface Props {
  readonly keys: readonly Key[];
  /** The rule, or a condition inside one. */
  readonly rule: JsonObject;
  readonly depth: number;
}

/** Deeper conditions are edited as text: a form in so many forms helps nobody. */
const DEPTH_MAX = 6;
const PLAIN = 'Compare';
const KEPT = new Set(['Next', 'Assign', 'Output', 'Comment']);

/** A condition of JSONPath rules: a comparison, or And, Or, Not of others. */
export function ConditionForm({ keys, rule, depth }: Props) {
  const { change } = useEditing();
  const kind = ['And', 'Or', 'Not'].find((name) => name in rule) ?? PLAIN;
  const choose = (next: string) => change(turned(keys, rule, kind, next));
  return (
    <div className={depth === 0 ? undefined : 'ce-condition'}>
      <SpaceBetween size="xs">
        <Select
          selectedOption={{ value: kind, label: LABELS[kind] ?? kind }}
          options={Object.entries(LABELS).map(([value, label]) => ({ value, label }))}
          onChange={({ detail }) => choose(detail.selectedOption.value ?? PLAIN)}
          ariaLabel="Kind of condition"
          expandToViewport
        />
        {kind === PLAIN ? <Comparison keys={keys} rule={rule} /> : depth < DEPTH_MAX ? <Parts keys={keys} rule={rule} kind={kind} depth={depth} /> : 'More conditions: see Code.'}
      </SpaceBetween>
    </div>
  );
}

const LABELS: Record<string, string> = { [PLAIN]: 'Compare a value', And: 'All of these (And)', Or: 'Any of these (Or)', Not: 'Not this (Not)' };
const FRESH: JsonObject = { Variable: '$.value', IsPresent: true };

/** The condition in another form; what was there is kept inside where that can hold it. */
function turned(keys: readonly Key[], rule: JsonObject, from: string, to: string): Change[] {
  if (from === to) return [];
  const condition = Object.fromEntries(Object.entries(rule).filter(([name]) => !KEPT.has(name)));
  const parts = from === PLAIN ? [condition] : from === 'Not' ? [asObject(rule.Not)] : asArray(rule[from]);
  const next: JsonObject = to === PLAIN ? asObject(parts[0] ?? FRESH) : { [to]: to === 'Not' ? (parts[0] ?? FRESH) : parts };
  return [
    ...Object.keys(condition).map((name): Change => ({ kind: 'remove', path: [...keys, name] })),
    ...Object.entries(next).map(([name, value]): Change => ({ kind: 'set', path: [...keys, name], value })),
  ];
}

function Parts({ keys, rule, kind, depth }: Props & { readonly kind: string }) {
  const { change } = useEditing();
  if (kind === 'Not') return <ConditionForm keys={[...keys, 'Not']} rule={asObject(rule.Not)} depth={depth + 1} />;
  const parts = asArray(rule[kind]);
  return (
    <SpaceBetween size="xs">
      {parts.map((part, at) => (
        <div key={at} className="ce-part">
          <ConditionForm keys={[...keys, kind, at]} rule={asObject(part)} depth={depth + 1} />
          <Button variant="icon" iconName="remove" ariaLabel="Remove condition" onClick={() => change([{ kind: 'remove', path: [...keys, kind, at] }])} />
        </div>
      ))}
      <Button iconName="add-plus" onClick={() => change([{ kind: 'set', path: [...keys, kind, parts.length], value: FRESH }])}>Add condition</Button>
    </SpaceBetween>
  );
}

function Comparison({ keys, rule }: Omit<Props, 'depth'>) {
  const { change } = useEditing();
  const name = Object.keys(rule).find((key) => !KEPT.has(key) && key !== 'Variable') ?? '';
  const kind = COMPARISONS.find((one) => one.name === name)?.kind ?? 'text';
  const variable = useDraft(asText(rule.Variable) ?? '', (text) => {
    change([{ kind: 'set', path: [...keys, 'Variable'], value: text }]);
    return true;
  });
  const operand = useDraft(shown(rule[name]), (text) => {
    change([{ kind: 'set', path: [...keys, name], value: kind === 'number' && Number.isFinite(Number(text)) ? Number(text) : text }]);
    return true;
  });
  const choose = (next: string) => {
    const to = COMPARISONS.find((one) => one.name === next)?.kind ?? 'text';
    const value: Json = to === 'is' || to === 'boolean' ? true : to === 'number' ? Number(operand.text) || 0 : operand.text;
    change([...(name === '' ? [] : [{ kind: 'rename' as const, path: [...keys, name], name: next }]), { kind: 'set', path: [...keys, next], value }]);
  };
  return (
    <SpaceBetween size="xs">
      <FormField stretch label="Variable">
        <Input value={variable.text} onChange={({ detail }) => variable.set(detail.value)} onBlur={variable.flush} autoComplete={false} spellcheck={false} placeholder="$.value" />
      </FormField>
      <Select
        selectedOption={{ value: name, label: name === '' ? 'Choose a comparison' : name }}
        options={COMPARISONS.map((one) => ({ value: one.name }))}
        onChange={({ detail }) => choose(detail.selectedOption.value ?? '')}
        filteringType="auto"
        ariaLabel="Comparison"
        expandToViewport
      />
      {kind === 'is' || kind === 'boolean' ? (
        <Select
          selectedOption={{ value: String(rule[name] !== false) }}
          options={[{ value: 'true' }, { value: 'false' }]}
          onChange={({ detail }) => change([{ kind: 'set', path: [...keys, name], value: detail.selectedOption.value === 'true' }])}
          ariaLabel="Compared with"
          expandToViewport
        />
      ) : (
        <Input value={operand.text} onChange={({ detail }) => operand.set(detail.value)} onBlur={operand.flush} autoComplete={false} spellcheck={false} ariaLabel="Compared with" placeholder={kind === 'path' ? '$.other' : ''} />
      )}
    </SpaceBetween>
  );
}

const shown = (value: Json | undefined) => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value));
