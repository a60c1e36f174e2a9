import { getRouteApi } from '@tanstack/react-router';
import type { StatePath } from '../graph/path';
import type { Snapshot } from './feed';
import type { Model, Run } from './model';
import { iterationsAround, type Picked, pickedOf, pickedText, runAt } from './statuses';

const route = getRouteApi('/executions/$arn');

/** What of the execution is looked at; it stands in the address, and all views share it. */
export interface Selection {
  readonly path: StatePath | undefined;
  readonly run: Run | undefined;
  readonly eventId: number | undefined;
  readonly picked: Picked;
  readonly selectPath: (path: StatePath | undefined) => void;
  readonly selectRun: (run: Run) => void;
  readonly selectEvent: (id: number, view?: string) => void;
  readonly pick: (map: StatePath, iteration: number | undefined) => void;
}

export function useSelection(snapshot: Snapshot, shown: Model = snapshot.model): Selection {
  const { state, event, it } = route.useSearch();
  const navigate = route.useNavigate();
  const picked = pickedOf(it);
  const eventId = event === undefined ? undefined : Number(event);
  const named = eventId === undefined ? undefined : shown.runOf(eventId);
  const run = named !== undefined && (state === undefined || named.path === state) ? named : state === undefined ? undefined : runAt(shown, state, picked);
  const go = (changes: Readonly<Record<string, string | undefined>>) =>
    void navigate({ search: (old) => withChanges(old, changes), replace: true, resetScroll: false });
  const toRun = (of: Run) => ({ state: of.path, it: pickedText(new Map([...picked, ...iterationsAround(of)])) });
  return {
    path: state ?? run?.path,
    run,
    eventId,
    picked,
    selectPath: (path) => go({ state: path, event: undefined }),
    selectRun: (chosen) => go({ ...toRun(chosen), event: String(chosen.id) }),
    selectEvent: (id, view) => {
      const of = shown.runOf(id);
      go({ ...(of === undefined ? { state: undefined } : toRun(of)), event: String(id), ...(view === undefined ? {} : { view }) });
    },
    pick: (map, iteration) => {
      const next = new Map(picked);
      if (iteration === undefined) next.delete(map);
      else next.set(map, iteration);
      go({ it: pickedText(next), event: undefined });
    },
  };
}

/** The search of an address with some filters changed; those without a value go. */
export function withChanges<Search extends object>(old: Search, changes: Readonly<Record<string, string | undefined>>): Search {
  return Object.fromEntries(Object.entries({ ...old, ...changes }).filter(([, value]) => value !== undefined && value !== '')) as Search;
}
