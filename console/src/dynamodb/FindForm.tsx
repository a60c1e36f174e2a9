import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type SubmitEvent, useState } from 'react';
import { errorText } from '../app/notifications';
import type { FindInput, Table } from '../aws/dynamodb';
import { CopyCli } from '../ui/CopyCli';
import './dynamodb.css';
import { FilterRows } from './FilterRows';
import { type Condition, type Find, keysOf, keyTypeOf, OP_WORDS, type Op, schemaOf, SORT_OPS, toInput } from './find';

interface Props {
  readonly table: Table;
  /** What the list shows. */
  readonly find: Find;
  readonly onRun: (find: Find) => void;
}

/** A scan or a query, to be run when it is written. */
export function FindForm({ table, find, onRun }: Props) {
  const [draft, setDraft] = useState(find);
  const [asked, setAsked] = useState(find);
  // The address may go back to what it asked before.
  if (JSON.stringify(find) !== JSON.stringify(asked)) {
    setAsked(find);
    setDraft(find);
  }
  const { input, problem } = inputOf(table, draft);
  const keys = keysOf(schemaOf(table, draft.index));
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])].map(({ IndexName: name }) => ({ value: name, label: name }));
  const own = { value: '', label: table.TableName, description: 'The table' };
  const run = (event: SubmitEvent) => {
    event.preventDefault();
    if (input !== undefined) {
      onRun(draft);
    }
  };
  const withoutSort = (old: Find) => without(old, 'sort');
  const setSort = (sort: Condition) => setDraft({ ...draft, sort });
  return (
    <Container>
      <form onSubmit={run}>
        <SpaceBetween size="m">
          <div className="find-row">
            <SegmentedControl
              label="How to look"
              selectedId={draft.mode}
              options={[
                { id: 'scan', text: 'Scan' },
                { id: 'query', text: 'Query' },
              ]}
              onChange={({ detail }) => setDraft({ ...draft, mode: detail.selectedId === 'query' ? 'query' : 'scan' })}
            />
            <FormField label="Table or index">
              <Select
                selectedOption={indexes.find(({ value }) => value === draft.index) ?? own}
                options={[own, ...indexes]}
                onChange={({ detail }) => {
                  const rest = without(withoutSort(draft), 'index');
                  const value = detail.selectedOption.value ?? '';
                  setDraft(value === '' ? rest : { ...rest, index: value });
                }}
              />
            </FormField>
          </div>
          {draft.mode === 'scan' ? null : (
            <div className="find-row">
              <FormField label={keys.hash} description="Partition key">
                <Input value={draft.partition ?? ''} onChange={({ detail }) => setDraft({ ...draft, partition: detail.value })} />
              </FormField>
              {keys.range === undefined ? null : (
                <SortFields
                  name={keys.range}
                  ops={SORT_OPS.filter((op) => op !== 'begins_with' || keyTypeOf(table, keys.range ?? '') !== 'N')}
                  sort={draft.sort}
                  onChange={(sort) => (sort === undefined ? setDraft(withoutSort(draft)) : setSort(sort))}
                />
              )}
              {keys.range === undefined ? null : (
                <FormField label="Order">
                  <Select
                    selectedOption={draft.descending === true ? { value: 'down', label: 'Descending' } : { value: 'up', label: 'Ascending' }}
                    options={[
                      { value: 'up', label: 'Ascending' },
                      { value: 'down', label: 'Descending' },
                    ]}
                    onChange={({ detail }) => setDraft({ ...draft, descending: detail.selectedOption.value === 'down' })}
                  />
                </FormField>
              )}
            </div>
          )}
          <FilterRows filters={draft.filters ?? []} onChange={(filters) => setDraft({ ...draft, filters })} />
          {problem === undefined ? null : <Alert type="info">{problem}</Alert>}
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="primary" formAction="submit" disabled={input === undefined}>
              Run
            </Button>
            <Button
              formAction="none"
              onClick={() => {
                setDraft({ mode: 'scan' });
                onRun({ mode: 'scan' });
              }}
            >
              Reset
            </Button>
            <CopyCli service="dynamodb" operation={draft.mode === 'scan' ? 'Scan' : 'Query'} input={input ?? {}} disabled={input === undefined} />
          </SpaceBetween>
        </SpaceBetween>
      </form>
    </Container>
  );
}

function without(find: Find, name: 'sort' | 'index'): Find {
  const rest: { -readonly [Part in keyof Find]: Find[Part] } = { ...find };
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- one of two names
  delete rest[name];
  return rest;
}

function inputOf(table: Table, find: Find): { input?: FindInput; problem?: string } {
  try {
    if (find.mode === 'query' && (find.partition ?? '') === '') {
      return { problem: 'A query needs the value of the partition key.' };
    }
    return { input: toInput(table, find) };
  } catch (error) {
    return { problem: errorText(error) };
  }
}

interface SortProps {
  readonly name: string;
  readonly ops: readonly Op[];
  readonly sort: Condition | undefined;
  readonly onChange: (sort: Condition | undefined) => void;
}

function SortFields({ name, ops, sort, onChange }: SortProps) {
  const any = { value: '', label: 'is anything' };
  const options = [any, ...ops.map((op) => ({ value: op, label: OP_WORDS[op] }))];
  return (
    <>
      <FormField label={name} description="Sort key">
        <Select
          ariaLabel={`Condition of ${name}`}
          selectedOption={options.find(({ value }) => value === sort?.op) ?? any}
          options={options}
          onChange={({ detail }) => {
            const op = detail.selectedOption.value;
            onChange(op === undefined || op === '' ? undefined : { ...sort, op: op as Op });
          }}
        />
      </FormField>
      {sort === undefined ? null : (
        <FormField label="Value">
          <div className="filter-values">
            <Input ariaLabel={`Value of ${name}`} value={sort.value ?? ''} onChange={({ detail }) => onChange({ ...sort, value: detail.value })} />
            {sort.op === 'between' ? (
              <Input ariaLabel="and" value={sort.upTo ?? ''} onChange={({ detail }) => onChange({ ...sort, upTo: detail.value })} />
            ) : null}
          </div>
        </FormField>
      )}
    </>
  );
}
