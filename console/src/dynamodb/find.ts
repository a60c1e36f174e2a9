import type { AttributeValue, FindInput, Item, KeyElement, KeyType, Table } from '../aws/dynamodb';
import { isBase64, isNumber, own } from './marshal';

/** What is asked of a table: everything, or what lies under a key; and which of it is wanted. In the page's address. */
export interface Find {
  readonly mode: 'scan' | 'query';
  /** The table itself if absent. */
  readonly index?: string;
  readonly partition?: string;
  readonly sort?: Condition;
  readonly descending?: boolean;
  readonly filters?: readonly Filter[];
}

export interface Condition {
  readonly op: Op;
  readonly value?: string;
  /** For `between`. */
  readonly upTo?: string;
}

export interface Filter extends Condition {
  readonly name: string;
  readonly type: ValueType;
}

export type ValueType = KeyType | 'BOOL' | 'NULL';
export type Op = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'between' | 'begins_with' | 'contains' | 'not_contains' | 'exists' | 'not_exists';

export const SORT_OPS: readonly Op[] = ['=', '<', '<=', '>', '>=', 'between', 'begins_with'];
export const FILTER_OPS: readonly Op[] = ['=', '<>', '<', '<=', '>', '>=', 'between', 'begins_with', 'contains', 'not_contains', 'exists', 'not_exists'];

export const OP_WORDS: Readonly<Record<Op, string>> = {
  '=': 'equals',
  '<>': 'does not equal',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is greater than',
  '>=': 'is at least',
  between: 'is between',
  begins_with: 'begins with',
  contains: 'contains',
  not_contains: 'does not contain',
  exists: 'exists',
  not_exists: 'does not exist',
};

export const SCAN: Find = { mode: 'scan' };

/** What an address asks for; a scan if it can't be read. */
export function readFind(text: string | undefined): Find {
  try {
    const found = JSON.parse(text ?? '') as Partial<Find> | null;
    return found?.mode === 'query' || found?.mode === 'scan' ? { ...found, mode: found.mode } : SCAN;
  } catch {
    return SCAN;
  }
}

export function keysOf(schema: readonly KeyElement[]): { readonly hash: string; readonly range: string | undefined } {
  const named = (type: KeyElement['KeyType']) => schema.find((element) => element.KeyType === type)?.AttributeName;
  return { hash: named('HASH') ?? '', range: named('RANGE') };
}

export function keyTypeOf(table: Table, name: string): KeyType {
  return table.AttributeDefinitions.find((attribute) => attribute.AttributeName === name)?.AttributeType ?? 'S';
}

/** The key schema of the index, or of the table. */
export function schemaOf(table: Table, index: string | undefined): readonly KeyElement[] {
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  return indexes.find((one) => one.IndexName === index)?.KeySchema ?? table.KeySchema;
}

/** The key of an item. */
export function keyOf(table: Pick<Table, 'KeySchema'>, item: Item): Item {
  const parts = table.KeySchema.map(({ AttributeName: name }) => [name, own(item, name)] as const);
  return Object.fromEntries(parts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** The request for it. Throws where a value is not of its type. */
export function toInput(table: Table, find: Find): FindInput {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const name = (attribute: string) => {
    const known = Object.keys(names).find((alias) => names[alias] === attribute);
    const alias = known ?? `#n${Object.keys(names).length}`;
    names[alias] = attribute;
    return alias;
  };
  const value = (type: ValueType, text: string | undefined, of: string) => {
    const alias = `:v${Object.keys(values).length}`;
    values[alias] = valueOf(type, text ?? '', of);
    return alias;
  };
  const test = (attribute: string, type: ValueType, condition: Condition) =>
    expression(condition, name(attribute), (text) => value(type, text, attribute));
  const keys = keysOf(schemaOf(table, find.index));
  const sort = find.sort;
  const keyTests =
    find.mode === 'scan'
      ? []
      : [
          test(keys.hash, keyTypeOf(table, keys.hash), { op: '=', value: find.partition ?? '' }),
          ...(sort === undefined || keys.range === undefined ? [] : [test(keys.range, keyTypeOf(table, keys.range), sort)]),
        ];
  const filterTests = (find.filters ?? []).filter((filter) => filter.name !== '').map((filter) => test(filter.name, filter.type, filter));
  return {
    TableName: table.TableName,
    ...(find.index === undefined ? {} : { IndexName: find.index }),
    ...(keyTests.length === 0 ? {} : { KeyConditionExpression: keyTests.join(' AND ') }),
    ...(filterTests.length === 0 ? {} : { FilterExpression: filterTests.join(' AND ') }),
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    ...(find.mode === 'query' && find.descending === true ? { ScanIndexForward: false } : {}),
  };
}

function expression({ op, value, upTo }: Condition, name: string, put: (text: string | undefined) => string): string {
  switch (op) {
    case 'between':
      return `${name} BETWEEN ${put(value)} AND ${put(upTo)}`;
    case 'begins_with':
    case 'contains':
      return `${op}(${name}, ${put(value)})`;
    case 'not_contains':
      return `NOT contains(${name}, ${put(value)})`;
    case 'exists':
      return `attribute_exists(${name})`;
    case 'not_exists':
      return `attribute_not_exists(${name})`;
    default:
      return `${name} ${op} ${put(value)}`;
  }
}

function valueOf(type: ValueType, text: string, of: string): AttributeValue {
  switch (type) {
    case 'S':
      return { S: text };
    case 'N':
      if (!isNumber(text)) {
        throw new Error(`${of}: “${text}” is no number.`);
      }
      return { N: text };
    case 'B':
      if (!isBase64(text)) {
        throw new Error(`${of}: bytes are written in base64.`);
      }
      return { B: text };
    case 'BOOL':
      return { BOOL: text === 'true' };
    case 'NULL':
      return { NULL: true };
  }
}
