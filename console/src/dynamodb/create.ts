import type { CreateTableInput, KeyElement, KeyType } from '../aws/dynamodb';

/** A key of a table or an index, as one types it. */
export interface KeyDraft {
  readonly hash: string;
  readonly hashType: KeyType;
  /** Empty: no sort key. */
  readonly range: string;
  readonly rangeType: KeyType;
}

export interface IndexDraft extends KeyDraft {
  readonly name: string;
}

export const NO_KEY: KeyDraft = { hash: '', hashType: 'S', range: '', rangeType: 'S' };

/** The API's rule for names of tables and indexes. */
const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

/** Why the table can't be made; none if it can. */
export function draftProblem(name: string, key: KeyDraft, indexes: readonly IndexDraft[]): string | undefined {
  if (![name, ...indexes.map((index) => index.name)].every((one) => NAME.test(one))) {
    return 'Names of tables and indexes have 3 to 255 letters, digits, dots, hyphens and underscores.';
  }
  if ([key, ...indexes].some(({ hash }) => hash === '')) {
    return 'Each needs a partition key.';
  }
  if ([key, ...indexes].some(({ hash, range }) => hash === range)) {
    return 'A sort key is another attribute than the partition key.';
  }
  if (new Set(indexes.map((index) => index.name)).size < indexes.length) {
    return 'Two indexes have the same name.';
  }
  const types = new Map<string, KeyType>();
  for (const [attribute, type] of attributesOf([key, ...indexes])) {
    if (types.get(attribute) !== undefined && types.get(attribute) !== type) {
      return `${attribute} is of two types.`;
    }
    types.set(attribute, type);
  }
  return undefined;
}

export function createInput(name: string, key: KeyDraft, indexes: readonly IndexDraft[]): CreateTableInput {
  const types = new Map(attributesOf([key, ...indexes]));
  return {
    TableName: name,
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: schemaOf(key),
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes.length === 0
      ? {}
      : {
          GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: index.name,
            KeySchema: schemaOf(index),
            Projection: { ProjectionType: 'ALL' as const },
          })),
        }),
  };
}

function attributesOf(keys: readonly KeyDraft[]): (readonly [string, KeyType])[] {
  return keys.flatMap(({ hash, hashType, range, rangeType }) => [
    [hash, hashType] as const,
    ...(range === '' ? [] : [[range, rangeType] as const]),
  ]);
}

function schemaOf({ hash, range }: KeyDraft): KeyElement[] {
  return [
    { AttributeName: hash, KeyType: 'HASH' },
    ...(range === '' ? [] : [{ AttributeName: range, KeyType: 'RANGE' as const }]),
  ];
}
