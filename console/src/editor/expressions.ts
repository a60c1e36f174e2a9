/** What paths and templates of JSONPath are as expressions of JSONata, and expressions that are only paths the other way. */
import { asArray, asObject, isObject, type Json, type JsonObject } from '../graph/json';
import { fieldsOf } from './fields';

/** What a rule has beside its condition. */
export const RULE = new Set(fieldsOf('Rule').map(({ name }) => name));

export const isExpression = (value: unknown): value is string => typeof value === 'string' && /^\{%.*%\}$/s.test(value);
export const wrapped = (expression: string | undefined) => (expression === undefined ? undefined : `{% ${expression} %}`);

/** A member in brackets, or of a name that JSONata would take for a value or an operator. */
const QUOTED = /\[(['"])(.+?)\1\]|\.(true|false|null|and|or|in|function)(?!\w)/g;
const CONTEXT = '$states.context';
const STEPS = /^(?:\.[A-Za-z_]\w*|\[\d+\]|\['[^'\\`]+'\]|\["[^"\\`]+"\])*$/;

/** A path of members and elements as JSONata has it; none of functions, wildcards and filters. */
export function expressionOf(path: unknown, base: string): string | undefined {
  const parts = typeof path === 'string' ? /^\$(\$|[A-Za-z_]\w*)?(.*)$/s.exec(path) : null;
  if (parts === null) return undefined;
  const [, name, steps = ''] = parts;
  if (!STEPS.test(steps)) return undefined;
  const begin = name === undefined ? base : name === '$' ? CONTEXT : `$${name}`;
  return begin + steps.replace(QUOTED, (_all, _quote, inside?: string, word?: string) => `.\`${inside ?? word ?? ''}\``);
}

/** The reverse: an expression that is nothing but such a way. */
export function pathOf(value: unknown, base: string): string | undefined {
  const expression = isExpression(value) ? value.slice(2, -2).trim() : '';
  const variable = /^\$(?!states\b)[A-Za-z_]\w*/.exec(expression)?.[0];
  const begin = [base, CONTEXT].find((one) => expression.startsWith(one)) ?? variable;
  if (begin === undefined) return undefined;
  const steps = expression.slice(begin.length).replace(/\.`([^`'\\]+)`/g, "['$1']");
  if (!STEPS.test(steps)) return undefined;
  return (begin === base ? '$' : begin === CONTEXT ? '$$' : begin) + steps;
}

/** What of a template could not be turned is told by its place in it. */
type Tell = (place: string) => void;

/** A template with expressions where it has paths; without the members that cannot have them. */
export function template(value: Json, base: string, tell: Tell): Json {
  if (Array.isArray(value)) return value.map((one, at) => template(one, base, (place) => tell(`[${at}]${place}`)));
  // A text that only looks like an expression would become one.
  if (isExpression(value)) return wrapped(JSON.stringify(value)) ?? value;
  if (!isObject(value)) return value;
  return members(value, tell, (name, one, told) => {
    if (!name.endsWith('.$')) return [name, template(one, base, told)];
    return [name.slice(0, -2), wrapped(expressionOf(one, base))];
  });
}

/** A template with paths where it has expressions; without the members that cannot have them. */
export function paths(value: Json, base: string, tell: Tell): Json {
  if (Array.isArray(value)) return value.map((one, at) => paths(one, base, (place) => tell(`[${at}]${place}`)));
  if (isObject(value)) return members(value, tell, (name, one, told) => (isExpression(one) ? [`${name}.$`, pathOf(one, base)] : [name, paths(one, base, told)]));
  if (isExpression(value)) tell('');
  return isExpression(value) ? null : value;
}

function members(object: JsonObject, tell: Tell, turn: (name: string, value: Json, tell: Tell) => [string, Json | undefined]): JsonObject {
  const entries = Object.entries(object).flatMap(([name, one]): [string, Json][] => {
    const [next, value] = turn(name, one, (place) => tell(`.${name}${place}`));
    if (value === undefined) tell(`.${name}`);
    return value === undefined ? [] : [[next, value]];
  });
  return Object.fromEntries(entries);
}

/** A template as one expression. */
export function built(value: Json, base: string): string | undefined {
  if (Array.isArray(value)) {
    const parts = value.map((one) => built(one, base));
    return parts.includes(undefined) ? undefined : `[${parts.join(', ')}]`;
  }
  if (!isObject(value)) return JSON.stringify(value);
  const parts = Object.entries(value).map(([name, one]) => {
    const said = name.endsWith('.$') ? expressionOf(one, base) : built(one, base);
    return said && `${JSON.stringify(name.replace(/\.\$$/, ''))}: ${said}`;
  });
  return parts.includes(undefined) ? undefined : `{${parts.join(', ')}}`;
}

/** A result put into the input, as `ResultPath` says. */
export function kept(result: string | undefined, path: Json | undefined, input: string): string | undefined {
  if (path === null) return input;
  if (path === undefined || path === '$') return result;
  const name = typeof path === 'string' ? /^\$\.([A-Za-z_]\w*)$/.exec(path)?.[1] : undefined;
  return name === undefined || result === undefined ? undefined : `$merge([${input}, {${JSON.stringify(name)}: ${result}}])`;
}

/** The part of it that `OutputPath` names. */
export function cut(whole: string | undefined, path: Json | undefined): string | undefined {
  if (path === undefined || path === '$' || whole === undefined) return whole;
  return path === null ? '{}' : expressionOf(path, whole.startsWith('$states') ? whole : `(${whole})`);
}

const COMPARED: Record<string, string> = { Equals: '=', LessThan: '<', LessThanEquals: '<=', GreaterThan: '>', GreaterThanEquals: '>=' };
const TYPES = new Map([['IsNumeric', 'number'], ['IsString', 'string'], ['IsBoolean', 'boolean'], ['IsNull', 'null']]);

/** A rule's condition as an expression; none for patterns and timestamps that are asked whether they are such. */
export function condition(rule: JsonObject, base: string): string | undefined {
  if (rule.Not !== undefined) {
    const inside = condition(asObject(rule.Not), base);
    return inside && `$not(${inside})`;
  }
  const [parts, word] = rule.And === undefined ? [rule.Or, 'or'] : [rule.And, 'and'];
  if (parts !== undefined) {
    const said = asArray(parts).map((one) => condition(asObject(one), base));
    return said.length === 0 || said.includes(undefined) ? undefined : said.map((one) => (said.length > 1 ? `(${one ?? ''})` : (one ?? ''))).join(` ${word} `);
  }
  const variable = expressionOf(rule.Variable, base);
  const name = Object.keys(rule).find((one) => one !== 'Variable' && !RULE.has(one));
  return variable === undefined || name === undefined ? undefined : comparison(variable, name, rule[name] ?? null, base);
}

function comparison(variable: string, name: string, value: Json, base: string): string | undefined {
  const not = (said: string) => (value === false ? `$not(${said})` : said);
  if (name === 'IsPresent') return not(`$exists(${variable})`);
  const of = TYPES.get(name);
  if (of !== undefined) return not(`$type(${variable}) = "${of}"`);
  const [, type, relation = '', isPath] = /^(String|Numeric|Boolean|Timestamp)([A-Z]\w*?)(Path)?$/.exec(name) ?? [];
  const [sign, other] = [COMPARED[relation], isPath === undefined ? JSON.stringify(value) : expressionOf(value, base)];
  if (sign === undefined || other === undefined) return undefined;
  return type === 'Timestamp' ? `$toMillis(${variable}) ${sign} $toMillis(${other})` : `${variable} ${sign} ${other}`;
}
