import { describe, expect, it } from 'vitest';
import { AwsError } from '../aws/errors';
import type { ExecutionListItem, ListExecutionsInput, SearchExecutionsInput } from '../aws/states';
import { type FilterSearch, matches, mayHaveMore, readFilter, searchInput } from './executionFilter';
import { findExecutions } from './findExecutions';

const run = (name: string, startDate: number): ExecutionListItem => ({
  executionArn: `arn:${name}`,
  stateMachineArn: 'arn',
  name,
  status: 'FAILED',
  startDate,
});

const NONE = readFilter({}, 0);

describe('the filter of an address', () => {
  it('reads a range in words and in dates', () => {
    expect(readFilter({ last: '3600' }, 10_000)).toMatchObject({ after: 6400, before: undefined });
    const dates = { after: '1970-01-01T00:00:10Z', before: '1970-01-01T00:00:20Z' };
    expect(readFilter(dates, 0)).toMatchObject({ after: 10, before: 20 });
  });

  it('ignores what it does not know', () => {
    expect(readFilter({ status: 'LOST', last: 'x', after: 'y' }, 0)).toEqual({
      name: '',
      error: '',
      status: undefined,
      after: undefined,
      before: undefined,
    });
  });

  it('finds a part of a name in any case, from the beginning of the range until before its end', () => {
    const filter = { ...NONE, name: 'PHOTO', after: 10, before: 20 };
    expect(matches(run('a-photo-1', 10), filter)).toBe(true);
    expect(matches(run('a-photo-1', 19.9), filter)).toBe(true);
    expect(matches(run('a-photo-1', 20), filter)).toBe(false);
    expect(matches(run('other', 15), filter)).toBe(false);
    expect(matches(run('photo', 15), { ...filter, status: 'RUNNING' })).toBe(false);
  });

  it('asks for no page that is older than the range', () => {
    const filter = { ...NONE, after: 10 };
    expect(mayHaveMore(undefined, filter)).toBe(true);
    expect(mayHaveMore(run('a', 11), filter)).toBe(true);
    expect(mayHaveMore(run('a', 9), filter)).toBe(false);
  });

  it('is searched for unless a list can be asked', () => {
    expect(searchInput(NONE)).toBeUndefined();
    expect(searchInput({ ...NONE, status: 'FAILED' })).toBeUndefined();
    expect(searchInput(readFilter({ q: 'a', error: 'b', status: 'FAILED', last: '10' }, 100))).toEqual({
      nameContains: 'a',
      errorContains: 'b',
      statusFilter: 'FAILED',
      startedAfter: 90,
    });
  });
});

describe('findExecutions', () => {
  /** A server that searches or does not; and what it was asked. */
  function find(search: FilterSearch, refusal?: AwsError) {
    const asked: (ListExecutionsInput | SearchExecutionsInput)[] = [];
    const listed = [run('photo', 30), run('other', 20), run('photo-old', 5)];
    const api = {
      listExecutions: (input: ListExecutionsInput) => {
        asked.push(input);
        return Promise.resolve({ executions: listed, nextToken: 'more' });
      },
      searchExecutions: (input: SearchExecutionsInput) => {
        asked.push(input);
        return refusal === undefined ? Promise.resolve({ executions: [], nextToken: 'further' }) : Promise.reject(refusal);
      },
    };
    const ask = { stateMachineArn: 'arn', nextToken: undefined, signal: new AbortController().signal };
    return { asked, page: findExecutions(api, readFilter(search, 40), ask) };
  }

  it('lets the server search', async () => {
    const { page, asked } = find({ error: 'timeout' });
    expect(await page).toEqual({ executions: [], nextToken: 'further', isLocal: false });
    expect(asked).toHaveLength(1);
  });

  it('looks through a list where the server does not, no further back than the range', async () => {
    const unknown = new AwsError('UnknownOperationException', '', 400, '', '');
    const { page } = find({ q: 'photo', last: '30' }, unknown);
    const found = await page;
    expect(found.executions.map(({ name }) => name)).toEqual(['photo']);
    expect(found).toMatchObject({ isLocal: true });
    expect(found.nextToken).toBeUndefined();
  });

  it('does not hide why a search was refused', async () => {
    const refusal = new AwsError('ValidationException', '', 400, '', '');
    await expect(find({ q: 'a' }, refusal).page).rejects.toBe(refusal);
  });
});
