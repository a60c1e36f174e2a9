import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../aws/states';
import { culpritOf, inputOf, isBetweenAttempts, Model, outputOf, type Run, retriesOf } from './model';
import { recorded } from './recorded';

const brief = (run: Run) => `${run.path} ${run.status}`;
const model = (name: string) => {
  const { definition, events } = recorded(name);
  const made = new Model(definition);
  made.add(events);
  return made;
};

describe('a history becomes visits of states', () => {
  it('names a task that failed three times and was caught', () => {
    const { runs, end } = model('retry');
    expect(runs.map(brief)).toEqual(['Ask caught', 'Rest succeeded', 'Kind? succeeded', 'Give up failed']);
    const [ask] = runs;
    expect(ask === undefined ? 0 : retriesOf(ask)).toBe(2);
    expect(ask?.attempts.map(({ status, error }) => [status, error])).toEqual(Array(3).fill(['failed', 'Sfn.ExecutionDoesNotExistException']));
    expect(end).toMatchObject({ status: 'failed', error: 'GaveUp' });
  });

  it('puts branches and iterations where they belong', () => {
    const { runs } = model('map');
    expect(runs.filter(({ scope }) => scope.parent?.name === 'Both').map(brief)).toEqual(['Both/0/Each succeeded', 'Both/1/写真 succeeded']);
    const each = runs.find(({ name }) => name === 'Each');
    expect(each?.length).toBe(4);
    expect(each?.scopes.map(({ iteration, status, runs }) => [iteration, status, runs.map(({ name }) => name)])).toEqual([
      [0, 'succeeded', ['Kind', 'Small']],
      [1, 'succeeded', ['Kind', 'Small']],
      [2, 'succeeded', ['Kind', 'Twice', 'After']],
      [3, 'succeeded', ['Kind', 'Twice', 'After']],
    ]);
    const twice = each?.scopes[2]?.runs[1];
    expect(twice?.scopes.map(({ workflow, runs }) => [workflow, runs.map(({ path }) => path)])).toEqual([
      [0, ['Both/0/Each/0/Twice/0/L']],
      [1, ['Both/0/Each/0/Twice/1/R~10~01']],
    ]);
  });

  it('tells the iteration that failed from those that were ended by it', () => {
    const made = model('mapfail');
    const each = made.runs[0];
    expect(each?.status).toBe('failed');
    expect(each?.scopes.map(({ status }) => status)).toEqual(['aborted', 'aborted', 'failed']);
    expect(made.runs.map(brief)).toEqual([
      'Each failed', 'Each/0/Check succeeded', 'Each/0/Check succeeded', 'Each/0/Check succeeded',
      'Each/0/Sleep aborted', 'Each/0/Sleep aborted', 'Each/0/Bad failed',
    ]);
    expect(culpritOf(made)?.path).toBe('Each/0/Bad');
  });

  it('keeps the attempts of a Parallel apart', () => {
    const made = model('parallel-retry');
    const [parallel] = made.runs;
    expect(parallel?.attempts.map(({ status }) => status)).toEqual(['failed', 'failed']);
    expect(parallel?.scopes.map(({ attempt, workflow, status }) => [attempt, workflow, status])).toEqual([
      [0, 0, 'failed'], [0, 1, 'aborted'], [1, 0, 'failed'], [1, 1, 'aborted'],
    ]);
    expect(made.runs.map(brief)).toEqual(['P failed', 'P/0/T failed', 'P/1/W aborted', 'P/0/T failed', 'P/1/W aborted']);
    expect(parallel?.error).toBe('Sfn.ExecutionDoesNotExistException');
    expect(culpritOf(made)?.id).toBe(12);
  });

  it('ends with the execution what it had begun', () => {
    const { runs, end } = model('aborted');
    expect(runs.map(brief)).toEqual(['Each aborted', 'Each/0/W aborted', 'Each/0/W aborted']);
    expect(end).toMatchObject({ status: 'aborted', error: 'Enough', cause: 'seen enough' });
  });

  it('counts the visits of a loop', () => {
    expect(model('loop').runs.filter(({ name }) => name === 'Add').length).toBe(3);
  });

  it('finds the Map Run, the nested execution and the data', () => {
    expect(model('dmap').runs[0]?.mapRunArn).toMatch(/:mapRun:exec-dmap\/Many:/);
    expect(model('nested').runs[0]?.attempts[0]?.submitted).toMatch(/execution:exec-child:/);
    const rider = model('rider-same');
    expect(rider.runs.map(brief)).toEqual(['FaceDetection succeeded', 'CheckFaceDuplicate caught', 'PhotoDoesNotMeetRequirement succeeded']);
    const [first] = rider.runs;
    expect(first === undefined ? '' : inputOf(rider, first)).toContain('5_same_person.jpg');
    expect(first === undefined ? '' : outputOf(rider, first)).toContain('BoundingBox');
  });

  it('is the same however the events arrive', () => {
    for (const name of ['retry', 'map', 'mapfail', 'parallel-retry', 'rider-happy']) {
      const { definition, events } = recorded(name);
      const slow = new Model(definition);
      for (const event of events) slow.add(overlapping(events, event));
      expect(slow.runs.map(brief)).toEqual(model(name).runs.map(brief));
      expect(slow.events.length).toBe(events.length);
    }
  });

  it('shows what runs while it runs', () => {
    const { definition, events } = recorded('retry');
    const made = new Model(definition);
    made.add(events.slice(0, 5));
    expect(made.runs.map(brief)).toEqual(['Ask in-progress']);
    expect(made.runs.map(isBetweenAttempts)).toEqual([true]);
    made.add(events.slice(5, 7));
    expect(made.runs.map(isBetweenAttempts)).toEqual([false]);
    expect(made.end).toBeUndefined();
  });

  it('knows nothing of a definition and still goes on', () => {
    const made = new Model();
    made.add(recorded('map').events);
    expect(made.runs.every(({ status }) => status === 'succeeded')).toBe(true);
  });

  it('looks at each of 25,000 events when it comes, and builds on what it has', () => {
    const reads = new Map<number, number>();
    const events = long(25_000).map((event) => counted(event, reads));
    const made = new Model({ StartAt: 'Each', States: {} });
    made.add(events.slice(0, 1000));
    const [first, before] = [[...made.runs], new Map(reads)];
    for (let from = 1000; from < events.length; from += 1000) made.add(events.slice(from - 10, from + 1000));
    expect(made.runs.length).toBe(1 + Math.ceil((25_000 - 3) / 3));
    expect(first.every((run, index) => made.runs[index] === run)).toBe(true);
    expect([...before].every(([id, count]) => reads.get(id) === count)).toBe(true);
    expect(Math.max(...reads.values())).toBeLessThan(30);
  });
});

function overlapping(events: readonly HistoryEvent[], event: HistoryEvent): readonly HistoryEvent[] {
  return events.slice(Math.max(0, event.id - 3), event.id);
}

/** The event, which counts how often its type is read. */
function counted(event: HistoryEvent, reads: Map<number, number>): HistoryEvent {
  const { type } = event;
  const get = () => {
    reads.set(event.id, (reads.get(event.id) ?? 0) + 1);
    return type;
  };
  return Object.defineProperty({ ...event }, 'type', { get, enumerable: true });
}

/** A Map of one-state iterations. */
function long(count: number): HistoryEvent[] {
  const events: HistoryEvent[] = [
    { id: 1, previousEventId: 0, timestamp: 0, type: 'ExecutionStarted' },
    { id: 2, previousEventId: 0, timestamp: 0, type: 'MapStateEntered', stateEnteredEventDetails: { name: 'Each' } },
    { id: 3, previousEventId: 2, timestamp: 0, type: 'MapStateStarted', mapStateStartedEventDetails: { length: 6000 } },
  ];
  for (let index = 0; events.length < count; index += 1) {
    const id = events.length;
    const details = { name: 'Each', index };
    events.push(
      { id: id + 1, previousEventId: 3, timestamp: id, type: 'MapIterationStarted', mapIterationStartedEventDetails: details },
      { id: id + 2, previousEventId: id + 1, timestamp: id, type: 'PassStateEntered', stateEnteredEventDetails: { name: 'One' } },
      { id: id + 3, previousEventId: id + 2, timestamp: id, type: 'PassStateExited', stateExitedEventDetails: { name: 'One' } },
    );
  }
  return events;
}
