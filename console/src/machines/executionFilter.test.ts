import { describe, expect, it } from 'vitest';
import type { ExecutionListItem } from '../aws/states';
import { matches, mayHaveMore, readFilter } from './executionFilter';

const run = (name: string, startDate: number): ExecutionListItem => ({
  executionArn: `arn:${name}`,
  stateMachineArn: 'arn',
  name,
  status: 'FAILED',
  startDate,
});

describe('the filter of an address', () => {
  it('reads a range in words and in dates', () => {
    expect(readFilter({ last: '3600' }, 10_000)).toMatchObject({ after: 6400, before: undefined });
    const dates = { after: '1970-01-01T00:00:10Z', before: '1970-01-01T00:00:20Z' };
    expect(readFilter(dates, 0)).toMatchObject({ after: 10, before: 20 });
  });

  it('ignores what it does not know', () => {
    expect(readFilter({ status: 'LOST', last: 'x', after: 'y' }, 0)).toEqual({
      name: '',
      status: undefined,
      after: undefined,
      before: undefined,
    });
  });

  it('finds a part of a name in any case, within the range, its ends included', () => {
    const filter = { name: 'PHOTO', status: undefined, after: 10, before: 20 };
    expect(matches(run('a-photo-1', 10), filter)).toBe(true);
    expect(matches(run('a-photo-1', 20), filter)).toBe(true);
    expect(matches(run('a-photo-1', 20.5), filter)).toBe(false);
    expect(matches(run('other', 15), filter)).toBe(false);
    expect(matches(run('photo', 15), { ...filter, status: 'RUNNING' })).toBe(false);
  });

  it('asks for no page that is older than the range', () => {
    const filter = { name: '', status: undefined, after: 10, before: undefined };
    expect(mayHaveMore(undefined, filter)).toBe(true);
    expect(mayHaveMore(run('a', 11), filter)).toBe(true);
    expect(mayHaveMore(run('a', 9), filter)).toBe(false);
  });
});
