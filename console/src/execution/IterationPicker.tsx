import FormField from '@cloudscape-design/components/form-field';
import Select, { type SelectProps } from '@cloudscape-design/components/select';
import { nameOf } from '../graph/path';
import { STATUS_TITLES, type StatusName } from '../graph/status';
import type { Model, Run } from './model';
import { iterationsOf, runAt, visibleRuns } from './statuses';
import type { Selection } from './useSelection';

/** Those that one looks for stand first. */
const GROUPS: readonly StatusName[] = ['failed', 'timed-out', 'aborted', 'in-progress', 'succeeded'];
const ALL: SelectProps.Option = { value: '', label: 'All iterations' };

/** Which iteration of each Map the graph and the step show. */
export function IterationPickers({ model, selection }: { readonly model: Model; readonly selection: Selection }) {
  const isMap = (run: Run) => run.type === 'Map' && run.scopes.length > 0;
  const paths = [...new Set(visibleRuns(model, selection.picked).filter(isMap).map(({ path }) => path))];
  return paths.map((path) => {
    const run = runAt(model, path, selection.picked);
    return run === undefined ? null : <IterationPicker key={path} run={run} selection={selection} />;
  });
}

function IterationPicker({ run, selection }: { readonly run: Run; readonly selection: Selection }) {
  const scopes = iterationsOf(run);
  const at = selection.picked.get(run.path);
  const options = GROUPS.flatMap((status): SelectProps.OptionGroup[] => {
    const found = scopes.filter((scope) => scope.status === status);
    if (found.length === 0) return [];
    return [{ label: `${STATUS_TITLES[status]} (${found.length})`, options: found.map(({ iteration = 0 }) => ({ value: String(iteration), label: `Iteration ${iteration}`, tags: [STATUS_TITLES[status]] })) }];
  });
  return (
    <div className="ex-some">
      <FormField label={`Map: ${nameOf(run.path)}`}>
        <Select
          selectedOption={at === undefined ? ALL : { value: String(at), label: `Iteration ${at}` }}
          options={[ALL, ...options]} filteringType="auto" virtualScroll ariaLabel={`Iteration of ${run.name}`}
          onChange={({ detail }) => selection.pick(run.path, detail.selectedOption.value === '' ? undefined : Number(detail.selectedOption.value))}
        />
      </FormField>
    </div>
  );
}
