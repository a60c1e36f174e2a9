/** What became of a state in an execution. */
export type StatusName = 'in-progress' | 'succeeded' | 'failed' | 'caught' | 'aborted' | 'timed-out' | 'pending-redrive';

export interface StateStatus {
  status: StatusName;
  /** Attempts after the first one. */
  retries?: number;
  /** How often it was entered, where more than once. */
  entered?: number;
  /** Iterations of a Map. */
  iterations?: { total: number; succeeded: number; failed: number; running?: number };
}

/** In the order of the legend, in the words of Step Functions. */
export const STATUS_TITLES: Record<StatusName, string> = {
  'in-progress': 'In progress',
  failed: 'Failed',
  'timed-out': 'Timed out',
  caught: 'Caught error',
  aborted: 'Canceled',
  'pending-redrive': 'Pending redrive',
  succeeded: 'Succeeded',
};

export const STATUS_NAMES = Object.keys(STATUS_TITLES) as StatusName[];

/** `12 of 40, 1 failed`: how far a Map is. */
export function progressText({ total, succeeded, failed }: NonNullable<StateStatus['iterations']>): string {
  return `${succeeded + failed} of ${total}${failed > 0 ? `, ${failed} failed` : ''}`;
}
