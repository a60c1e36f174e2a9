import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { notify } from '../app/notifications';
import type { DescribeMapRunOutput } from '../aws/states';
import { useStates } from '../machines/useStates';
import { CopyCliAll } from '../ui/CopyCli';
import { Dialog } from '../ui/Dialog';
import { numberProblem, type Typed, typedOf, updateOf } from './mapRun';

interface Props {
  readonly run: DescribeMapRunOutput;
  readonly onClose: () => void;
}

const LABELS: readonly (readonly [keyof Typed, label: string, description: string])[] = [
  ['maxConcurrency', 'Concurrency', 'The most child executions at a time; 0 sets no limit.'],
  ['toleratedFailureCount', 'Tolerated failures, items', 'More of them fail the Map Run.'],
  ['toleratedFailurePercentage', 'Tolerated failures, percent', 'A greater share of the items fails the Map Run.'],
];

/** Changes the bounds of a Map Run while it runs. */
export function MapRunDialog({ run, onClose }: Props) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  // As it was when the dialogue was opened: what another person changes meanwhile is not taken back.
  const [first] = useState(run);
  const [typed, setTyped] = useState(() => typedOf(run));
  const update = updateOf(first, typed);
  const save = async () => {
    if (update === undefined) return;
    await api.updateMapRun(update);
    await queries.invalidateQueries({ queryKey: [...key, 'map-run', run.mapRunArn] });
    notify.success('Changed the Map Run');
  };
  return (
    <Dialog
      title="Edit Map Run" action="Save" disabled={update === undefined} onConfirm={save} onClose={onClose}
      extra={<CopyCliAll calls={update === undefined ? [] : [{ service: 'stepfunctions', operation: 'UpdateMapRun', input: update }]} />}
    >
      {LABELS.map(([field, label, description]) => (
        <FormField key={field} label={label} description={description} errorText={numberProblem(field, typed[field])}>
          <Input type="number" inputMode="decimal" value={typed[field]} onChange={({ detail }) => setTyped({ ...typed, [field]: detail.value })} />
        </FormField>
      ))}
    </Dialog>
  );
}
