import { asArray, asObject, asText } from '../graph/json';
import { parsed } from './definition';
import type { DescribeMapRunOutput, MapRunCounts, UpdateMapRunInput } from '../aws/states';

/** `Label` of `arn:…:mapRun:StateMachine/Label:id`. */
export const labelOf = (arn: string): string => arn.split(':')[6]?.split('/').slice(1).join('/') ?? '';

export const idOf = (arn: string): string => arn.split(':').slice(7).join(':');

/** The distributed Map of a definition that a Map Run's label stands for; the label where none is found. */
export const stateOf = (definition: string, label: string): string => mapIn(asObject(parsed(definition)), label) ?? label;

function mapIn(machine: ReturnType<typeof asObject>, label: string): string | undefined {
  for (const [name, value] of Object.entries(asObject(machine.States))) {
    const state = asObject(value);
    const inside = asObject(state.ItemProcessor);
    if (asObject(inside.ProcessorConfig).Mode === 'DISTRIBUTED' && (asText(state.Label) ?? name) === label) return name;
    for (const one of [inside, ...asArray(state.Branches).map(asObject)]) {
      const found = mapIn(one, label);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Items or executions that have come to an end. */
export const endedOf = ({ succeeded, failed, timedOut, aborted }: MapRunCounts): number => succeeded + failed + timedOut + aborted;

/** What a person has typed into the form of a Map Run. */
export interface Typed {
  readonly maxConcurrency: string;
  readonly toleratedFailureCount: string;
  readonly toleratedFailurePercentage: string;
}

type Field = keyof Typed;

const FIELDS: readonly Field[] = ['maxConcurrency', 'toleratedFailureCount', 'toleratedFailurePercentage'];

export const typedOf = (run: DescribeMapRunOutput): Typed => ({
  maxConcurrency: String(run.maxConcurrency),
  toleratedFailureCount: String(run.toleratedFailureCount),
  toleratedFailurePercentage: String(run.toleratedFailurePercentage),
});

/** Why the API would refuse a number; none if it would not. */
export function numberProblem(field: Field, text: string): string | undefined {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value) || value < 0) return 'A number from 0 on.';
  if (field === 'toleratedFailurePercentage') return value > 100 ? 'A number from 0 to 100.' : undefined;
  const max = MAX[field];
  if (!Number.isInteger(value)) return 'A whole number.';
  return value > max ? `At most ${max.toLocaleString('en-US')}.` : undefined;
}

/** The API's integer and, of its long, what a browser counts exactly. */
const MAX = { maxConcurrency: 2 ** 31 - 1, toleratedFailureCount: Number.MAX_SAFE_INTEGER };

/** The request for what was changed; none if nothing was, or something can't be read. */
export function updateOf(run: DescribeMapRunOutput, typed: Typed): UpdateMapRunInput | undefined {
  if (FIELDS.some((field) => numberProblem(field, typed[field]) !== undefined)) return undefined;
  const changed = FIELDS.filter((field) => Number(typed[field]) !== run[field]);
  if (changed.length === 0) return undefined;
  return { mapRunArn: run.mapRunArn, ...Object.fromEntries(changed.map((field) => [field, Number(typed[field])])) };
}

/** Whether a definition has a Map whose iterations are executions of their own. */
export const hasMapRuns = (definition: string): boolean => /"Mode"\s*:\s*"DISTRIBUTED"/.test(definition);
