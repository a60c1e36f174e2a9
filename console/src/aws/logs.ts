import type { Client } from './client';
import { callJson, type JsonService, type Options } from './json';

const LOGS: JsonService = { service: 'logs', targetPrefix: 'Logs_20140328', version: '1.1' };

export interface FilterLogEventsInput {
  readonly logGroupName: string;
  /** In milliseconds since 1970. */
  readonly startTime?: number;
  readonly filterPattern?: string;
  readonly limit?: number;
  readonly nextToken?: string | undefined;
}

export interface LogEvent {
  readonly eventId: string;
  /** In milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
  readonly logStreamName: string;
}

/** CloudWatch Logs, the operations that the console uses. */
export function logs(client: Client) {
  const op =
    <Input extends object, Output>(operation: string) =>
    (input: Input, options?: Options): Promise<Output> =>
      callJson<Output>(client, LOGS, operation, input, options);
  return {
    filterLogEvents: op<FilterLogEventsInput, { events: readonly LogEvent[]; nextToken?: string }>('FilterLogEvents'),
  };
}
