import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { at, useGo } from '../app/link';
import { notify } from '../app/notifications';
import { useStates } from '../machines/useStates';
import { type Config, createInput, settings, tagChanges } from './config';

interface Saving {
  readonly arn: string | undefined;
  /** The revision that was opened; one that was only created has none. */
  readonly revision: string | undefined;
  /** As it was opened, or last saved. */
  readonly saved: Config;
  readonly onSaved: (config: Config) => void;
  /** The page is left with everything saved. */
  readonly onLeave: () => void;
}

/** A try that failed: what was sent, and why it was not taken. */
export interface Refused {
  readonly what: string;
  readonly error: unknown;
  readonly config: Config;
  readonly definition: string;
}

/** Saves, and says how it went. */
export function useSaving({ arn, revision, saved, onSaved, onLeave }: Saving) {
  const { api, key } = useStates();
  const queries = useQueryClient();
  const go = useGo();
  const [isBusy, setBusy] = useState(false);
  const [isElsewhere, setElsewhere] = useState(false);
  const seen = useRef(revision);
  const [refused, setRefused] = useState<Refused>();
  const tried = async (what: string, config: Config, definition: string, work: () => Promise<boolean>): Promise<boolean> => {
    setBusy(true);
    // Why it was refused before is answered by this try.
    setRefused(undefined);
    try {
      return await work();
    } catch (error) {
      setRefused({ what, error, config, definition });
      return false;
    } finally {
      setBusy(false);
    }
  };
  const make = async (config: Config, definition: string) => {
    const { stateMachineArn } = await api.createStateMachine(createInput(config, definition));
    await queries.invalidateQueries({ queryKey: key });
    notify.success(`Created ${config.name}`);
    onLeave();
    go(at('state-machines', stateMachineArn));
    return true;
  };
  const put = async (config: Config, definition: string, how: 'ask' | 'overwrite') => {
    if (arn === undefined) return false;
    if (how === 'ask' && (await api.describeStateMachine({ stateMachineArn: arn })).revisionId !== seen.current) {
      setElsewhere(true);
      return false;
    }
    seen.current = (await api.updateStateMachine({ stateMachineArn: arn, definition, ...settings(config) })).revisionId;
    const tags = tagChanges(saved.tags, config.tags);
    if (tags.put.length > 0) await api.tagResource({ resourceArn: arn, tags: tags.put });
    if (tags.remove.length > 0) await api.untagResource({ resourceArn: arn, tagKeys: tags.remove });
    onSaved(config);
    await queries.invalidateQueries({ queryKey: key });
    notify.success(`Saved ${config.name}`);
    return true;
  };
  return {
    isBusy,
    /** Somebody else has changed it since it was opened: nothing was saved. */
    isElsewhere,
    forget: () => setElsewhere(false),
    /** Why the last try failed. */
    refused,
    dismiss: () => setRefused(undefined),
    make,
    create: (config: Config, definition: string) => tried('The state machine could not be created', config, definition, () => make(config, definition)),
    update: (config: Config, definition: string, how: 'ask' | 'overwrite' = 'ask') =>
      tried('The state machine could not be saved', config, definition, () => put(config, definition, how)),
  };
}
