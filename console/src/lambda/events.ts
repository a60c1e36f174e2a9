/** An event to test a function with, kept in this browser. */
export interface TestEvent {
  readonly name: string;
  readonly text: string;
}

/** Where a browser keeps texts by name. */
export type Keeper = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export const BLANK: TestEvent = { name: '', text: '{\n  "key": "value"\n}' };

/** More would fill what a browser gives a site. */
const EVENTS_MAX = 50;

function placeOf(arn: string): string {
  return `canter.events.${arn}`;
}

/** The events of a function, by name; what someone else wrote there is nothing. */
export function readEvents(keeper: Keeper, arn: string): readonly TestEvent[] {
  try {
    const found = JSON.parse(keeper.getItem(placeOf(arn)) ?? '[]') as unknown;
    return Array.isArray(found) ? found.filter(isEvent) : [];
  } catch {
    return [];
  }
}

/** Keeps the event in place of the one of its name. */
export function keepEvent(keeper: Keeper, arn: string, event: TestEvent): readonly TestEvent[] {
  const others = readEvents(keeper, arn).filter(({ name }) => name !== event.name);
  return write(keeper, arn, [...others, event].sort((a, b) => a.name.localeCompare(b.name)).slice(-EVENTS_MAX));
}

export function forgetEvent(keeper: Keeper, arn: string, name: string): readonly TestEvent[] {
  return write(keeper, arn, readEvents(keeper, arn).filter((event) => event.name !== name));
}

function write(keeper: Keeper, arn: string, events: readonly TestEvent[]): readonly TestEvent[] {
  if (events.length === 0) {
    keeper.removeItem(placeOf(arn));
  } else {
    keeper.setItem(placeOf(arn), JSON.stringify(events));
  }
  return events;
}

function isEvent(value: unknown): value is TestEvent {
  const event = value as Partial<TestEvent> | null;
  return typeof event === 'object' && typeof event?.name === 'string' && typeof event.text === 'string';
}
