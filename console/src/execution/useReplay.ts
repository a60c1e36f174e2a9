import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { parsed } from './definition';
import type { Snapshot } from './feed';
import { Model } from './model';
import { withChanges } from './useSelection';

const route = getRouteApi('/executions/$arn');
/** Browsers refuse addresses that change too often. */
const ADDRESS_MS = 500;

export interface Replaying {
  /** The execution as it was, or as it is. */
  readonly model: Model;
  readonly at: number | undefined;
  readonly move: (at: number | undefined) => void;
}

/** The execution after its first so many events, in its graph. */
export function useReplay(snapshot: Snapshot, definition: string): Replaying {
  const { replay, view = 'graph' } = route.useSearch();
  const navigate = route.useNavigate();
  const [at, setAt] = useState(() => (replay === undefined ? undefined : Math.max(1, Number(replay) || 1)));
  const { model, count } = snapshot;
  // The other views show all of it, and have nothing to end a replay with. The model grows: until it holds so many events,
  // the picture is of those that are there.
  const shown = at === undefined || view !== 'graph' ? undefined : Math.min(at, count);
  const past = useMemo(() => (shown === undefined ? undefined : modelAt(model, definition, shown)), [shown, model, definition]);
  useEffect(() => {
    const timer = setTimeout(() => {
      const text = at === undefined ? undefined : String(at);
      if (text !== replay) void navigate({ search: (old) => withChanges(old, { replay: text }), replace: true, resetScroll: false });
    }, ADDRESS_MS);
    return () => clearTimeout(timer);
  }, [at, replay, navigate]);
  const move = useCallback((next: number | undefined) => setAt(next), []);
  return { model: past ?? model, at, move };
}

function modelAt(model: Model, definition: string, at: number): Model {
  const past = new Model(parsed(definition));
  past.add(model.events.slice(0, at));
  return past;
}
