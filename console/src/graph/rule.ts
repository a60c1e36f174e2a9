import { asArray, asText, isObject, type Json, type JsonObject } from './json';

/** How deep conditions are spelled out before the rest is an ellipsis; the language allows 100. */
const DEPTH_MAX = 8;
const PARTS_MAX = 12;

const RELATIONS: Record<string, string> = {
  Equals: '==',
  LessThan: '<',
  LessThanEquals: '<=',
  GreaterThan: '>',
  GreaterThanEquals: '>=',
};

const NOT_A_CONDITION = new Set(['Next', 'Assign', 'Output', 'Comment', 'Variable']);

/** A rule of a Choice as a person would write it: `$.a == 1 && !($.b is present)`. */
export function ruleLabel(rule: Json): string {
  if (!isObject(rule)) return '…';
  if ('Condition' in rule) return jsonata(rule.Condition ?? null);
  return condition(rule, 0);
}

function jsonata(value: Json): string {
  const text = asText(value);
  if (text === undefined) return JSON.stringify(value);
  return /^\{%([\s\S]*)%\}$/.exec(text.trim())?.[1]?.replace(/\s+/g, ' ').trim() ?? text;
}

function condition(rule: Json, depth: number): string {
  if (!isObject(rule) || depth > DEPTH_MAX) return '…';
  if ('And' in rule) return joined(asArray(rule.And), ' && ', depth);
  if ('Or' in rule) return joined(asArray(rule.Or), ' || ', depth);
  if ('Not' in rule) return `!(${condition(rule.Not ?? null, depth + 1)})`;
  return comparison(rule);
}

function joined(parts: Json[], operator: string, depth: number): string {
  const texts = parts.slice(0, PARTS_MAX).map((part) => {
    const text = condition(part, depth + 1);
    return isObject(part) && ('And' in part || 'Or' in part) ? `(${text})` : text;
  });
  if (parts.length > PARTS_MAX) texts.push('…');
  return texts.length === 0 ? '…' : texts.join(operator);
}

function comparison(rule: JsonObject): string {
  const variable = asText(rule.Variable) ?? '?';
  const name = Object.keys(rule).find((key) => !NOT_A_CONDITION.has(key));
  if (name === undefined) return variable === '?' ? '…' : variable;
  return `${variable} ${compared(name, rule[name] ?? null)}`;
}

function compared(name: string, operand: Json): string {
  const is = /^Is([A-Z][a-z]+)$/.exec(name)?.[1];
  if (is !== undefined) return `is ${operand === false ? 'not ' : ''}${is.toLowerCase()}`;
  if (name === 'StringMatches') return `matches ${JSON.stringify(operand)}`;
  const parts = /^(String|Numeric|Boolean|Timestamp)(.*?)(Path)?$/.exec(name);
  const relation = RELATIONS[parts?.[2] ?? ''];
  if (relation === undefined) return `${name} ${JSON.stringify(operand)}`;
  return `${relation} ${parts?.[3] === undefined ? JSON.stringify(operand) : (asText(operand) ?? '?')}`;
}
