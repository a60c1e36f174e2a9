import type { InspectStateOutput } from '../aws/states';
import { asObject } from '../graph/json';

/** A station of a state's data on its way from input to output. */
export interface Stage {
  readonly id: string;
  /** In the words of the definition. */
  readonly title: string;
  /** What the definition says there. */
  readonly field?: string;
  readonly value: string | undefined;
  /** What it is compared with: the station before; none where something new begins. */
  readonly before?: string | undefined;
  /** Why it can't be shown. */
  readonly missing?: string;
}

type Way = readonly [member: keyof NonNullable<InspectStateOutput['inspectionData']>, title: string, field: string, fresh?: 'fresh'];

/** In the order in which a state goes through them. */
const STAGES: readonly Way[] = [
  ['afterInputPath', 'After InputPath', 'InputPath'],
  ['afterItemsPath', 'After ItemsPath', 'ItemsPath'],
  ['afterItemSelector', 'After ItemSelector', 'ItemSelector', 'fresh'],
  ['afterParameters', 'After Parameters', 'Parameters'],
  ['afterArguments', 'After Arguments', 'Arguments', 'fresh'],
  ['result', 'Result', 'Result', 'fresh'],
  ['afterResultSelector', 'After ResultSelector', 'ResultSelector'],
  ['afterResultPath', 'After ResultPath', 'ResultPath'],
];

/** The path of the data: what each field of the state made of it, and what can't be told. */
export function stagesOf(answer: InspectStateOutput, definition: unknown): Stage[] {
  const state = asObject(definition);
  const seen = answer.inspectionData ?? {};
  const reasons = new Map((answer.notRecomputed ?? []).map(({ member, reason }) => [lastName(member), reason]));
  const stages: Stage[] = [{ id: 'input', title: 'State input', value: answer.input }];
  let before = answer.input;
  const add = (id: string, title: string, field: string, value: string | undefined, against: string | undefined) => {
    const missing = value === undefined ? reasons.get(id) : undefined;
    if (value === undefined && missing === undefined) return;
    const written = fieldOf(state, field);
    stages.push({ id, title: id === 'afterItemsPath' && state['Items'] !== undefined ? 'After Items' : title, value, ...(against === undefined ? {} : { before: against }), ...(written === undefined ? {} : { field: written }), ...(missing === undefined ? {} : { missing }) });
  };
  for (const [member, title, field, fresh] of STAGES) {
    const value = seen[member];
    const text = value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
    const against = member === 'afterResultPath' ? answer.input : fresh === undefined ? before : undefined;
    add(member, title, field, text, against);
    before = text ?? before;
  }
  const isAssigned = state['Assign'] !== undefined || answer.variablesAfter !== answer.variablesBefore;
  if (isAssigned && (answer.variablesAfter !== undefined || reasons.has('variablesAfter'))) {
    add('variablesAfter', 'Variables, after Assign', 'Assign', answer.variablesAfter, answer.variablesBefore);
  }
  const last = state['Output'] === undefined ? before : undefined;
  add('output', 'State output', state['Output'] === undefined ? 'OutputPath' : 'Output', answer.output, last);
  return stages;
}

function lastName(member: string): string {
  return member.split('.').at(-1) ?? member;
}

function fieldOf(state: ReturnType<typeof asObject>, field: string): string | undefined {
  const value = state[field] ?? (field === 'ItemsPath' ? (state['Items'] ?? state['ItemReader']) : undefined);
  return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
}
