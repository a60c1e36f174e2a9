import { describe, expect, it } from 'vitest';
import type { DescribeMapRunOutput, MapRunCounts } from '../aws/states';
import { hasMapRuns, idOf, labelOf, numberProblem, stateOf, typedOf, updateOf } from './mapRun';
import { recorded } from './recorded';

const ARN = 'arn:aws:states:us-east-1:000000000000:mapRun:exec-dmap/Many:9011c824-4cbb-40f1-97f4-555e4e63cf3a';
const counts: MapRunCounts = { pending: 1, running: 1, succeeded: 2, failed: 0, timedOut: 0, aborted: 0, total: 4, resultsWritten: 0 };
const run: DescribeMapRunOutput = {
  mapRunArn: ARN, executionArn: 'arn', status: 'RUNNING', startDate: 0, maxConcurrency: 3,
  toleratedFailureCount: 0, toleratedFailurePercentage: 12.5, itemCounts: counts, executionCounts: counts,
};

describe('a Map Run', () => {
  it('is named by its ARN', () => {
    expect([labelOf(ARN), idOf(ARN)]).toEqual(['Many', '9011c824-4cbb-40f1-97f4-555e4e63cf3a']);
  });

  it('is called after its state, which may be within others', () => {
    const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED' }, States: { In: {} } };
    const branch = { States: { 'Every item': { Type: 'Map', Label: 'Each', ItemProcessor: processor } } };
    const definition = JSON.stringify({ States: { Many: { Type: 'Map', ItemProcessor: processor }, Both: { Branches: [{}, branch] } } });
    expect(['Each', 'Many', 'Else'].map((label) => stateOf(definition, label))).toEqual(['Every item', 'Many', 'Else']);
    expect(stateOf('{', 'Many')).toBe('Many');
  });

  it('is looked for where a Map is distributed', () => {
    expect(hasMapRuns(JSON.stringify(recorded('dmap').definition))).toBe(true);
    expect(hasMapRuns(JSON.stringify(recorded('map').definition))).toBe(false);
  });

  it('is told what was changed, and nothing else', () => {
    const typed = typedOf(run);
    expect(updateOf(run, typed)).toBeUndefined();
    expect(updateOf(run, { ...typed, maxConcurrency: '0' })).toEqual({ mapRunArn: ARN, maxConcurrency: 0 });
    expect(updateOf(run, { ...typed, toleratedFailurePercentage: '50', toleratedFailureCount: '7' })).toEqual({
      mapRunArn: ARN, toleratedFailureCount: 7, toleratedFailurePercentage: 50,
    });
    expect(updateOf(run, { ...typed, maxConcurrency: '1.5' })).toBeUndefined();
  });

  it.each([['', 'A number from 0 on.'], ['-1', 'A number from 0 on.'], ['x', 'A number from 0 on.'], ['1.5', 'A whole number.'], ['3000000000', 'At most 2,147,483,647.']])('takes no concurrency of %j', (text, problem) => {
    expect(numberProblem('maxConcurrency', text)).toBe(problem);
  });

  it('tolerates up to all of its items', () => {
    expect(numberProblem('toleratedFailurePercentage', '100')).toBeUndefined();
    expect(numberProblem('toleratedFailurePercentage', '100.1')).toBe('A number from 0 to 100.');
  });
});
