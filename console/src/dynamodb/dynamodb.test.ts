import { describe, expect, it } from 'vitest';
import type { Item, Table } from '../aws/dynamodb';
import { createInput, draftProblem, NO_KEY } from './create';
import { keyOf, readFind, toInput } from './find';
import { fromPlain, fromTyped, inOrder, toPlain, toShort, toTyped } from './marshal';
import { AwsError } from '../aws/errors';
import { refusalText } from './refusal';

const ALL: Item = {
  s: { S: 'x "y"\n写' },
  n: { N: '12345678901234567890123456789012345678' },
  f: { N: '-0.10' },
  b: { B: 'AAE=' },
  t: { BOOL: true },
  z: { NULL: true },
  ss: { SS: ['a', 'b'] },
  ns: { NS: ['1', '2.50'] },
  bs: { BS: ['AAE='] },
  l: { L: [{ S: 'a' }, { NS: ['7'] }, { L: [] }] },
  m: { M: { inner: { SS: ['q'] }, '': { S: '' }, empty: { M: {} } } },
  __proto: { S: 'p' },
};

describe('plain JSON', () => {
  it('keeps every digit', () => {
    expect(fromPlain('{"a": 1.0, "b": [12345678901234567890, -1e5]}')).toEqual({ a: { N: '1.0' }, b: { L: [{ N: '12345678901234567890' }, { N: '-1e5' }] } });
  });

  it('comes back as the same item, sets and bytes included', () => {
    expect(fromPlain(toPlain(ALL), ALL)).toEqual(ALL);
    expect(JSON.parse(toPlain(ALL))).toMatchObject({ ss: ['a', 'b'], b: 'AAE=', m: { inner: ['q'] } });
  });

  it('makes what can be no set a list', () => {
    const before: Item = { ss: { SS: ['a'] }, b: { B: 'AAE=' } };
    expect(fromPlain('{"ss": ["a", 1], "b": "no base64!"}', before)).toEqual({ ss: { L: [{ S: 'a' }, { N: '1' }] }, b: { S: 'no base64!' } });
    expect(fromPlain('{"ss": []}', before)).toEqual({ ss: { L: [] } });
  });

  it('knows no sets by itself', () => {
    expect(fromPlain('{"a": ["x"]}')).toEqual({ a: { L: [{ S: 'x' }] } });
  });

  it('takes names that objects have of themselves', () => {
    expect(fromPlain('{"constructor": 1, "toString": "a"}')).toEqual({ constructor: { N: '1' }, toString: { S: 'a' } });
    expect(Object.keys(fromPlain('{"__proto__": 1}'))).toEqual(['__proto__']);
  });

  it.each([
    ['[1]', /object/],
    ['{"a": 1, "a": 2}', /a: .*twice/],
    ['{"a": }', /line 1 column/],
    ['', /nothing here yet.* \(line 1 column 1\)/],
    ['{"a": 1} x', /line 1 column 10/],
    [`{"a": ${'['.repeat(80)}${']'.repeat(80)}}`, /deep/],
  ])('refuses %s', (text, why) => {
    expect(() => fromPlain(text)).toThrow(why);
  });

  it('writes what a number of JSON is not as a text', () => {
    expect(toPlain({ n: { N: '+.5' } })).toBe('{\n  "n": "+.5"\n}');
  });
});

describe('DynamoDB JSON', () => {
  it('comes back as the same item', () => {
    expect(fromTyped(toTyped(ALL))).toEqual(ALL);
  });

  it.each([
    ['{"a": "x"}', /a: .*type/],
    ['{"a": {"S": "x", "N": "1"}}', /a: /],
    ['{"a": {"X": "x"}}', /no type X/],
    ['{"a": {"N": 1}}', /quotation/],
    ['{"a": {"N": "one"}}', /one is no number/],
    ['{"a": {"B": "%"}}', /base64/],
    ['{"a": {"BOOL": "true"}}', /true or false/],
    ['{"a": {"NULL": false}}', /NULL/],
    ['{"a": {"L": [{"M": {"b": {"S": 1}}}]}}', /a\[0\]\.b: /],
    ['{"a": {"SS": "x"}}', /array/],
    ['{"a": {"M": []}}', /object/],
  ])('refuses %s', (text, why) => {
    expect(() => fromTyped(text)).toThrow(why);
  });
});

it('tells names in order, the key first', () => {
  const item = inOrder({ b: { M: { z: { S: '' }, a: { S: '' } } }, a: { S: '' }, k: { S: '' } }, ['k', 'absent']);
  expect(Object.keys(item)).toEqual(['k', 'a', 'b']);
  expect(toShort(item['b'] ?? { S: '' })).toBe('{"a": "", "z": ""}');
});

it('shows values on a line', () => {
  expect([{ S: 'bare' }, { L: [{ N: '1' }, { S: 'a' }] }, { M: { a: { BOOL: false } } }].map((value) => toShort(value))).toEqual(['bare', '[1, "a"]', '{"a": false}']);
});

const TABLE: Table = {
  TableName: 't',
  TableArn: 'a',
  TableStatus: 'ACTIVE',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'at', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'id', KeyType: 'HASH' },
    { AttributeName: 'at', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [{ IndexName: 'by-at', KeySchema: [{ AttributeName: 'at', KeyType: 'HASH' }], Projection: {} }],
};

describe('toInput', () => {
  it('scans', () => {
    expect(toInput(TABLE, { mode: 'scan' })).toEqual({ TableName: 't' });
  });

  it('queries by key, newest first, naming each attribute once', () => {
    const find = {
      mode: 'query',
      partition: 'a',
      sort: { op: 'between', value: '1', upTo: '2' },
      descending: true,
      filters: [
        { name: 'id', op: 'exists', type: 'S' },
        { name: 'size', op: 'not_contains', type: 'S', value: 'x' },
        { name: '', op: '=', type: 'S', value: 'half written' },
      ],
    } as const;
    expect(toInput(TABLE, find)).toEqual({
      TableName: 't',
      KeyConditionExpression: '#n0 = :v0 AND #n1 BETWEEN :v1 AND :v2',
      FilterExpression: 'attribute_exists(#n0) AND NOT contains(#n2, :v3)',
      ExpressionAttributeNames: { '#n0': 'id', '#n1': 'at', '#n2': 'size' },
      ExpressionAttributeValues: { ':v0': { S: 'a' }, ':v1': { N: '1' }, ':v2': { N: '2' }, ':v3': { S: 'x' } },
      ScanIndexForward: false,
    });
  });

  it("takes an index's key by its type", () => {
    expect(toInput(TABLE, { mode: 'query', index: 'by-at', partition: '7' })).toMatchObject({ IndexName: 'by-at', ExpressionAttributeValues: { ':v0': { N: '7' } } });
  });

  it('refuses what is not of its type', () => {
    expect(() => toInput(TABLE, { mode: 'query', index: 'by-at', partition: 'x' })).toThrow(/at: .*no number/);
  });
});

it.each([undefined, '', '7', 'null', '{', '{"mode":"drop"}'])('reads %j in an address as a scan', (text) => {
  expect(readFind(text)).toEqual({ mode: 'scan' });
});

it('takes the key out of an item', () => {
  expect(keyOf(TABLE, { at: { N: '1' }, id: { S: 'a' }, more: { S: 'b' } })).toEqual({ id: { S: 'a' }, at: { N: '1' } });
});

describe('a new table', () => {
  const key = { ...NO_KEY, hash: 'id', range: 'at', rangeType: 'N' } as const;
  const index = { ...NO_KEY, name: 'by-at', hash: 'at', hashType: 'N' } as const;

  it('names each attribute once', () => {
    expect(draftProblem('table', key, [index])).toBeUndefined();
    expect(createInput('table', key, [index])).toMatchObject({
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'at', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexes: [{ IndexName: 'by-at', KeySchema: [{ AttributeName: 'at', KeyType: 'HASH' }] }],
    });
  });

  it.each([
    ['ta', key, [], /3 to 255/],
    ['table', NO_KEY, [], /partition key/],
    ['table', { ...key, range: 'id' }, [], /another attribute/],
    ['table', key, [index, index], /same name/],
    ['table', key, [{ ...index, hashType: 'S' }], /two types/],
  ] as const)('is refused: %s', (name, draft, indexes, why) => {
    expect(draftProblem(name, draft, indexes)).toMatch(why);
  });
});

it('says that an item is there already, not that a condition of nobody failed', () => {
  const refused = (code: string) => refusalText(new AwsError(code, 'The conditional request failed', 400, '', 'PutItem'));
  expect(refused('ConditionalCheckFailedException')).toContain('an item with this key already');
  expect(refused('ValidationException')).toBe('ValidationException: The conditional request failed');
});
