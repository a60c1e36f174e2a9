import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { notify } from '../app/notifications';
import type { FunctionConfiguration } from '../aws/lambda';
import { type Draft, isBehind } from './draft';
import { useLambda } from './useLambda';
import { useUpdateCode } from './useUpdateCode';
import { withFiles } from './zip';

/** Deploys what was written, after a question where that would replace what somebody else has deployed meanwhile. */
export function useDeploy(config: FunctionConfiguration, draft: Draft | undefined, onDeployed: () => void) {
  const { api, key } = useLambda();
  const queries = useQueryClient();
  const { update, busy } = useUpdateCode(config);
  const [isDeploying, setDeploying] = useState(false);
  const [isElsewhere, setElsewhere] = useState(false);
  const name = config.FunctionName;
  const put = async ({ base, files }: Draft, how: 'ask' | 'overwrite') => {
    const { Configuration: now } = await api.getFunction(name, undefined);
    if (how === 'ask' && isBehind(draft, now)) {
      setElsewhere(true);
      await queries.invalidateQueries({ queryKey: [...key, 'function', name] });
      return;
    }
    await update(withFiles(base.zip, files), now.RevisionId);
    onDeployed();
  };
  return {
    /** Until it is deployed the draft must stay as it was sent: it is forgotten then. */
    busy: busy || isDeploying,
    /** Another package was deployed than the draft was made of: nothing was deployed. */
    isElsewhere,
    forget: () => setElsewhere(false),
    /** The whole package, as a file. */
    upload: (zip: Uint8Array) => update(zip),
    deploy: async (how: 'ask' | 'overwrite') => {
      setDeploying(true);
      try {
        if (draft !== undefined) await put(draft, how);
      } catch (error) {
        notify.error('The code could not be saved', error);
      } finally {
        setDeploying(false);
      }
    },
  };
}
