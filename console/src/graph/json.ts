/** What a definition is made of: anything that JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});
export const asArray = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
export const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** What is one step into a value; nothing where there is none. */
export const member = (value: unknown, key: string | number): unknown =>
  Array.isArray(value) ? (value as unknown[])[Number(key)] : isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
