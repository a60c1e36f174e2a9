import { useEffect, useState } from 'react';
import { useServerGone } from '../app/connection';
import { errorText } from '../app/notifications';
import type { StateMachineType } from '../aws/states';
import { useStates } from '../machines/useStates';
import { brokenText, type Finding, located } from './findings';
import { jsonOf, LONG, type Snapshot } from './store';

export interface Findings {
  /** The text that they are about; another one is being looked at if the definition's differs. */
  readonly text: string;
  readonly list: readonly Finding[];
  /** The server knows of more. */
  readonly isCut?: boolean;
  /** Why the server could not be asked. */
  readonly failure?: string;
}

/** Long enough that nobody is asked at every letter. */
const PAUSE_MS = 400;
const LONG_PAUSE_MS = 1_200;
/** The API's own bound. */
const FINDINGS_MAX = 100;

/** Asks the server about the definition whenever it has changed and rested; an answer about an older text is dropped. */
export function useFindings(snapshot: Snapshot, type: StateMachineType): Findings {
  const { api } = useStates();
  const [findings, setFindings] = useState<Findings>({ text: '', list: [] });
  // What could not be asked while the server was gone is asked when it is back.
  const isGone = useServerGone();
  useEffect(() => {
    const { text } = snapshot;
    const stale = new AbortController();
    const ask = async () => {
      const broken = brokenText(snapshot);
      if (broken !== undefined) {
        setFindings({ text, list: [broken] });
        return;
      }
      const definition = jsonOf(snapshot);
      try {
        const { diagnostics, truncated = false } = await api.validateStateMachineDefinition({ definition, type, severity: 'WARNING', maxResults: FINDINGS_MAX }, { signal: stale.signal });
        if (!stale.signal.aborted) setFindings({ text, list: located(snapshot.value, diagnostics), isCut: truncated });
      } catch (error) {
        if (!stale.signal.aborted) setFindings({ text, list: [], failure: errorText(error) });
      }
    };
    const timer = setTimeout(() => void ask(), snapshot.text.length < LONG ? PAUSE_MS : LONG_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stale.abort();
    };
  }, [snapshot, type, api, isGone]);
  return findings;
}
