import { AwsError } from '../aws/errors';
import type { SearchExecutionsOutput, states } from '../aws/states';
import { type ExecutionFilter, matches, mayHaveMore, searchInput } from './executionFilter';

type Api = Pick<ReturnType<typeof states>, 'listExecutions' | 'searchExecutions'>;

/** A page of what a filter finds; it may hold none and yet be followed by others. */
export interface FoundPage extends SearchExecutionsOutput {
  /** The server can't search: what it listed was looked through here, by all but errors. */
  readonly isLocal: boolean;
}

interface Ask {
  readonly stateMachineArn: string;
  readonly nextToken: string | undefined;
  readonly signal: AbortSignal;
}

/** Enough for eight pages of the table. */
const ASKED = 200;

/** Asks for a page; the server looks through the executions where it can. */
export async function findExecutions(api: Api, filter: ExecutionFilter, { stateMachineArn, nextToken, signal }: Ask): Promise<FoundPage> {
  const asked = { stateMachineArn, maxResults: ASKED, nextToken };
  const search = searchInput(filter);
  if (search !== undefined) {
    try {
      return { ...(await api.searchExecutions({ ...asked, ...search }, { signal })), isLocal: false };
    } catch (error) {
      // Another endpoint, which has ListExecutions only.
      if (!(error instanceof AwsError && error.code === 'UnknownOperationException')) throw error;
    }
  }
  const status = filter.status === undefined ? {} : { statusFilter: filter.status };
  const page = await api.listExecutions({ ...asked, ...status }, { signal });
  const isLast = page.nextToken === undefined || !mayHaveMore(page.executions.at(-1), filter);
  return {
    executions: page.executions.filter((execution) => matches(execution, filter)),
    ...(isLast ? {} : { nextToken: page.nextToken }),
    isLocal: search !== undefined,
  };
}
