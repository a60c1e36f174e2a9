import { at, href, type Place } from '../app/link';
import { valueOf } from './diff';
import { asObject, asText } from '../graph/json';
import type { Attempt, Run } from './model';

/** What a state calls or makes, and its page. */
export interface Resource {
  readonly text: string;
  readonly place?: Place;
}

/** What the visit went to: a function, an object, another execution, a Map Run. */
export function resourcesOf(run: Run): Resource[] {
  const found: Resource[] = [];
  if (run.mapRunArn !== undefined) found.push({ text: 'Map Run', place: at('map-runs', run.mapRunArn) });
  const attempt = run.attempts.at(-1);
  return attempt === undefined ? found : [...found, ...resourcesIn(attempt)];
}

export function resourcesIn({ details, submitted }: Pick<Attempt, 'details' | 'submitted'>): Resource[] {
  const resource = asText(details['resource']);
  const child = asText(asObject(valueOf(submitted)).ExecutionArn);
  const own = resource === undefined ? [] : [called(asText(details['resourceType']), resource, parametersOf(details))];
  return child === undefined ? own : [...own, { text: 'Execution', place: at('executions', child) }];
}

const read = new WeakMap<Attempt['details'], ReturnType<typeof asObject>>();

/** Read once: a table draws its rows at each step of a scroll, and a task may have 256 KB of parameters. */
function parametersOf(details: Attempt['details']): ReturnType<typeof asObject> {
  const parameters = read.get(details) ?? asObject(valueOf(asText(details['parameters'])));
  read.set(details, parameters);
  return parameters;
}

function called(type: string | undefined, resource: string, parameters: ReturnType<typeof asObject>): Resource {
  const fn = functionName(resource) ?? (type === 'lambda' ? functionName(asText(parameters.FunctionName) ?? '') ?? asText(parameters.FunctionName) : undefined);
  if (fn !== undefined) return { text: `Lambda: ${fn}`, place: functionPlace(fn) };
  const text = type === undefined ? resource : `${type}:${resource}`;
  const [bucket, key] = [asText(parameters.Bucket), asText(parameters.Key)];
  if (bucket !== undefined && /s3$/.test(type ?? '')) return { text: `s3://${bucket}/${key ?? ''}`, place: objectPlace(bucket, key) };
  const table = asText(parameters.TableName);
  if (table !== undefined) return { text: `${text} ${table}`, place: tablePlace(table) };
  return { text };
}

const functionName = (arn: string): string | undefined => /:function:([^:]+)/.exec(arn)?.[1];

export const functionPlace = (name: string): Place => at('lambda', name.split(':')[0] ?? name);
export const objectPlace = (bucket: string, key: string | undefined): Place =>
  key === undefined ? at('s3', bucket) : at('s3', bucket, 'object', { key });
export const tablePlace = (table: string): Place => at('dynamodb', table);

/** Two executions beside each other, state by state; their ARNs. */
export const comparePlace = (a: string, b: string): Place => at('executions', a, 'compare', { with: b });
export const compareHref = (a: string, b: string): string => href(comparePlace(a, b));
