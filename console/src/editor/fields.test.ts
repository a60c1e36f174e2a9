import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMPARISONS, fieldsOf, INTRINSICS, type TableName } from './fields';

const asl = (path: string) => readFileSync(new URL(`../../../crates/asl/src/${path}`, import.meta.url), 'utf8');
const rules = asl('parse/rules.rs');

/** `both("Next"), path("InputPath")` of the server's table, as `Next`, `InputPath JSONPath`. */
function serverFields(table: string): string[] {
  const text = new RegExp(`const ${table}: [^=]*= &?\\[([\\s\\S]*?)\\];`).exec(rules)?.[1];
  if (text === undefined) throw new Error(`the server has no table ${table}`);
  const languages: Record<string, string> = { both: '', path: ' JSONPath', jsonata: ' JSONata' };
  return [...text.matchAll(/(both|path|jsonata)\("(\w+)"\)/g)].map(([, kind = '', name = '']) => name + (languages[kind] ?? '')).sort();
}

const ours = (table: TableName) => fieldsOf(table).map(({ name, language }) => (language === undefined ? name : `${name} ${language}`)).sort();

const PAIRS: [TableName, string][] = [
  ['Machine', 'MACHINE'], ['Branch', 'BRANCH'], ['Processor', 'PROCESSOR'], ['ProcessorConfig', 'PROCESSOR_CONFIG'],
  ['Pass', 'PASS'], ['Task', 'TASK'], ['Choice', 'CHOICE'], ['Wait', 'WAIT'], ['Succeed', 'SUCCEED'], ['Fail', 'FAIL'],
  ['Parallel', 'PARALLEL'], ['Map', 'MAP'], ['Retrier', 'RETRIER'], ['Catcher', 'CATCHER'],
  ['ItemReader', 'ITEM_READER'], ['ReaderConfig', 'READER_CONFIG'], ['ItemBatcher', 'ITEM_BATCHER'],
  ['ResultWriter', 'RESULT_WRITER'], ['WriterConfig', 'WRITER_CONFIG'],
];

describe('the editor knows the fields that the server knows, in the languages it knows them in', () => {
  test.each(PAIRS)('%s', (table, theirs) => {
    expect(ours(table)).toEqual(serverFields(theirs));
  });
});

test('no table is named twice in one object, and every object has a table', () => {
  for (const [table] of [...PAIRS, ['Rule'] as [TableName]]) {
    const names = fieldsOf(table).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { kind, of } of fieldsOf(table)) if (['object', 'list'].includes(kind)) expect(of).toBeDefined();
  }
});

test('there are the 39 comparisons of the language', () => {
  expect(new Set(COMPARISONS.map(({ name }) => name)).size).toBe(39);
});

test('the intrinsic functions are those of the server', () => {
  const families = ['array', 'encoding', 'hash', 'json', 'math', 'string', 'uuid'].map((family) => asl(`intrinsics/${family}.rs`)).join('\n');
  const names = new Set([...families.matchAll(/"(States\.[A-Z]\w+)"/g)].map(([, name]) => name));
  expect(INTRINSICS.map(({ name }) => name)).toEqual([...names].sort());
});
