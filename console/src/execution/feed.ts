import type { Client } from '../aws/client';
import { follow, type ServerEvent } from '../aws/events';
import { pause } from '../aws/pause';
import { executionEvents, type HistoryEvent, type states } from '../aws/states';
import { Model } from './model';

/** What is known of a history at one time. */
export interface Snapshot {
  readonly model: Model;
  /** How many events the model holds: another number is another picture. */
  readonly count: number;
  /** Whether all that is there was read. */
  readonly complete: boolean;
  readonly error: unknown;
}

type Api = Pick<ReturnType<typeof states>, 'getExecutionHistory'>;

interface Source {
  readonly api: Api;
  readonly client: Client;
  readonly executionArn: string;
  readonly definition: unknown;
}

/** The most that the API gives at once. */
const PAGE_EVENTS = 1000;
/** New events are few; more are asked for while the last known one is not among them. */
const POLL_EVENTS = 100;
const POLL_MS = 800;
const POLL_MS_MAX = 10_000;
/** Events that come one after another are shown together: a picture per event would be more than a screen shows. */
const GATHER_MS = 120;

/** Reads a history from its beginning and then as it grows, until the execution has ended. */
export class Feed {
  private model: Model;
  private snapshot: Snapshot;
  private readonly listeners = new Set<() => void>();
  private stop: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly source: Source) {
    this.model = new Model(source.definition);
    this.snapshot = { model: this.model, count: 0, complete: false, error: undefined };
  }

  readonly current = (): Snapshot => this.snapshot;

  /** Reads while someone listens. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.stop === undefined) this.start();
    return () => {
      this.listeners.delete(listener);
      // A component that is mounted again at once, as React's strict mode does, goes on with what there is.
      setTimeout(() => this.rest());
    };
  };

  readonly retry = (): void => {
    this.stop?.abort();
    this.start();
  };

  /** Goes on where something was in the way. */
  readonly resume = (): void => {
    if (this.stop !== undefined && this.snapshot.error !== undefined) this.retry();
  };

  private rest(): void {
    if (this.listeners.size > 0) return;
    this.stop?.abort();
    this.stop = undefined;
  }

  private start(): void {
    const stop = new AbortController();
    this.stop = stop;
    this.read(stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) this.show({ error, complete: false });
    });
  }

  private async read(signal: AbortSignal): Promise<void> {
    if (!this.snapshot.complete) await this.readPages(signal);
    const { client, executionArn } = this.source;
    const isThere = await follow({
      open: (either) => executionEvents(client, executionArn, this.model.lastId, either),
      opened: () => this.show({ error: undefined }),
      take: (events) => this.gather(historyOf(events)),
      lost: (error) => this.show({ error }),
      goesOn: () => this.goesOn(signal),
      signal,
    });
    // No stream on this server, or it has too many readers: ask again and again instead.
    if (!isThere) await this.poll(signal);
  }

  /** Asked anew after each wait: meanwhile it may have ended. */
  private goesOn(signal: AbortSignal): boolean {
    return this.model.end === undefined && !signal.aborted;
  }

  private async readPages(signal: AbortSignal): Promise<void> {
    const { api, executionArn } = this.source;
    let nextToken: string | undefined;
    do {
      const page = await api.getExecutionHistory({ executionArn, maxResults: PAGE_EVENTS, ...(nextToken === undefined ? {} : { nextToken }) }, { signal });
      this.model.add(page.events);
      // The first page at once; the rest as often as a screen can show it, not once a page.
      if (this.snapshot.count === 0) this.show({});
      else this.showSoon();
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    this.show({ complete: true, error: undefined });
  }

  private async poll(signal: AbortSignal): Promise<void> {
    for (let wait = POLL_MS; this.goesOn(signal); ) {
      try {
        const events = await this.news(signal);
        wait = events.length > 0 ? POLL_MS : Math.min(wait * 1.5, POLL_MS_MAX);
        this.model.add(events);
        if (events.length > 0) this.show({});
        if (this.snapshot.error !== undefined) this.show({ error: undefined });
      } catch (error) {
        if (!this.goesOn(signal)) return;
        this.show({ error });
        wait = Math.min(wait * 2, POLL_MS_MAX);
      }
      await pause(wait, signal);
    }
  }

  /** What came after the last known event, asked for from the end. */
  private async news(signal: AbortSignal): Promise<HistoryEvent[]> {
    const { api, executionArn } = this.source;
    const events: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await api.getExecutionHistory(
        { executionArn, maxResults: POLL_EVENTS, reverseOrder: true, ...(nextToken === undefined ? {} : { nextToken }) },
        { signal },
      );
      events.push(...page.events.filter(({ id }) => id > this.model.lastId));
      nextToken = (page.events.at(-1)?.id ?? 0) > this.model.lastId + 1 ? page.nextToken : undefined;
    } while (nextToken !== undefined);
    return events.reverse();
  }

  private gather(events: readonly HistoryEvent[]): void {
    this.model.add(events);
    if (this.model.end !== undefined) this.show({});
    else this.showSoon();
  }

  private showSoon(): void {
    this.timer ??= setTimeout(() => this.show({}), GATHER_MS);
  }

  private show(changed: Partial<Snapshot>): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.snapshot = { ...this.snapshot, ...changed, count: this.model.events.length };
    this.listeners.forEach((listener) => listener());
  }
}

const historyOf = (events: readonly ServerEvent[]): HistoryEvent[] =>
  events.flatMap(({ event, data }) => (event === 'history' ? [JSON.parse(data) as HistoryEvent] : []));
