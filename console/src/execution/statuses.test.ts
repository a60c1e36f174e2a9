import { describe, expect, it } from 'vitest';
import { Model } from './model';
import { recorded } from './recorded';
import { rowsOf, segmentsOf } from './rows';
import { iterationsAround, pickedOf, pickedText, runAt, statusesOf } from './statuses';

const model = (name: string) => {
  const { definition, events } = recorded(name);
  const made = new Model(definition);
  made.add(events);
  return made;
};

describe('the graph of an execution', () => {
  it('shows of all iterations what matters most, and of one what it did', () => {
    const made = model('mapfail');
    const all = statusesOf(made, new Map());
    expect(all.get('Each')).toMatchObject({ status: 'failed', iterations: { total: 5, succeeded: 0, failed: 1, running: 0 } });
    expect(all.get('Each/0/Check')).toMatchObject({ status: 'succeeded', entered: 3 });
    const first = statusesOf(made, new Map([['Each', 0]]));
    expect(first.get('Each/0/Sleep')?.status).toBe('aborted');
    expect(first.has('Each/0/Bad')).toBe(false);
  });

  it('counts retries and visits', () => {
    expect(statusesOf(model('retry'), new Map()).get('Ask')).toMatchObject({ status: 'caught', retries: 2 });
    expect(statusesOf(model('loop'), new Map()).get('Add')).toMatchObject({ entered: 3 });
  });

  it('finds the visit behind a state, the one that failed first', () => {
    const made = model('parallel-retry');
    expect(runAt(made, 'P/0/T', new Map())?.id).toBe(12);
    const sleep = runAt(model('mapfail'), 'Each/0/Bad', new Map());
    expect(sleep === undefined ? [] : [...iterationsAround(sleep)]).toEqual([['Each', 2]]);
  });

  it('names iterations in an address, whatever the states are called', () => {
    const picked = new Map([['Both/0/名前 @|', 3], ['x', 0]]);
    expect(pickedOf(pickedText(picked))).toEqual(picked);
    expect(pickedOf('nonsense|@|%E0@1')).toEqual(new Map());
  });
});

describe('the table of an execution', () => {
  it('is a tree of states, branches and iterations', () => {
    const rows = rowsOf(model('map'), new Set());
    expect(rows.slice(0, 5).map((row) => [row.depth, row.kind === 'run' ? row.run.name : row.title])).toEqual([
      [0, 'Both'], [1, 'Branch 0'], [2, 'Each'], [3, 'Iteration 0'], [4, 'Kind'],
    ]);
    expect(rowsOf(model('map'), new Set(['r2'])).length).toBe(1);
  });

  it('is a list when it is filtered', () => {
    const rows = rowsOf(model('map'), new Set(), { text: 'kin', type: 'Choice', status: 'succeeded' });
    expect(rows.length).toBe(4);
  });

  it('cuts a bar into attempts and pauses', () => {
    const [ask] = model('retry').runs;
    const segments = ask === undefined ? [] : segmentsOf(ask, 0);
    expect(segments.map(({ kind }) => kind)).toEqual(['failed', 'pause', 'failed', 'pause', 'failed']);
    expect(segments.every(({ from, to }) => to >= from)).toBe(true);
  });
});
