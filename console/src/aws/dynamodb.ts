import type { Client } from './client';
import { callJson, type JsonService, type Options } from './json';

const DYNAMODB: JsonService = { service: 'dynamodb', targetPrefix: 'DynamoDB_20120810', version: '1.0' };

/** Numbers are texts, so that no digit is lost; binary values are base64. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item };

export type Item = Readonly<Record<string, AttributeValue>>;
export type KeyType = 'S' | 'N' | 'B';

export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

export interface Projection {
  readonly ProjectionType?: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  readonly NonKeyAttributes?: readonly string[];
}

export interface Index {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: Projection;
  readonly IndexStatus?: string;
  readonly ItemCount?: number;
}

export interface Table {
  readonly TableName: string;
  readonly TableArn: string;
  readonly TableStatus: string;
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: KeyType }[];
  readonly KeySchema: readonly KeyElement[];
  readonly CreationDateTime?: number;
  readonly ItemCount?: number;
  readonly TableSizeBytes?: number;
  readonly BillingModeSummary?: { readonly BillingMode?: string };
  readonly ProvisionedThroughput?: { readonly ReadCapacityUnits?: number; readonly WriteCapacityUnits?: number };
  readonly GlobalSecondaryIndexes?: readonly Index[];
  readonly LocalSecondaryIndexes?: readonly Index[];
  readonly StreamSpecification?: { readonly StreamEnabled: boolean; readonly StreamViewType?: string };
  readonly DeletionProtectionEnabled?: boolean;
}

export interface CreateTableInput extends Pick<Table, 'TableName' | 'AttributeDefinitions' | 'KeySchema'> {
  readonly BillingMode: 'PAY_PER_REQUEST';
  readonly GlobalSecondaryIndexes?: readonly Index[];
}

/** A scan; with a key condition, a query. */
export interface FindInput {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly ScanIndexForward?: boolean;
  readonly ExclusiveStartKey?: Item;
  readonly Limit?: number;
}

export interface FindOutput {
  readonly Items?: readonly Item[];
  readonly ScannedCount: number;
  readonly LastEvaluatedKey?: Item;
}

export interface PutItemInput {
  readonly TableName: string;
  readonly Item: Item;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
}

interface Keyed {
  readonly TableName: string;
  readonly Key: Item;
}

/** DynamoDB, the operations that the console uses. */
export function dynamodb(client: Client) {
  const op =
    <Input extends object, Output>(operation: string) =>
    (input: Input, options?: Options): Promise<Output> =>
      callJson<Output>(client, DYNAMODB, operation, input, options);
  return {
    createTable: op<CreateTableInput, { TableDescription: Table }>('CreateTable'),
    deleteItem: op<Keyed, object>('DeleteItem'),
    deleteTable: op<{ TableName: string }, object>('DeleteTable'),
    describeTable: op<{ TableName: string }, { Table: Table }>('DescribeTable'),
    getItem: op<Keyed & { ConsistentRead: boolean }, { Item?: Item }>('GetItem'),
    listTables: op<{ ExclusiveStartTableName?: string | undefined; Limit?: number }, { TableNames: readonly string[]; LastEvaluatedTableName?: string }>(
      'ListTables',
    ),
    putItem: op<PutItemInput, object>('PutItem'),
    query: op<FindInput, FindOutput>('Query'),
    scan: op<FindInput, FindOutput>('Scan'),
  };
}
