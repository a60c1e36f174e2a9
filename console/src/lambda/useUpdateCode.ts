import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { notify } from '../app/notifications';
import type { FunctionConfiguration } from '../aws/lambda';
import { useLambda } from './useLambda';

/** Lambda's bound for packages in a request. */
export const ZIP_BYTES_MAX = 50 * 1024 * 1024;

/** Replaces a function's package, unless someone has changed the function since the revision that is named. */
export function useUpdateCode(config: FunctionConfiguration) {
  const { api, key } = useLambda();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const update = async (zip: Uint8Array, revision = config.RevisionId) => {
    if (zip.length > ZIP_BYTES_MAX) {
      throw new Error('A package has at most 50 MB: put larger ones into a bucket and name it with the AWS CLI.');
    }
    setBusy(true);
    try {
      await api.updateCode(config.FunctionName, zip, revision);
      notify.success(`Updated ${config.FunctionName}`);
      await queries.invalidateQueries({ queryKey: [...key, 'function', config.FunctionName] });
    } finally {
      setBusy(false);
    }
  };
  return { update, busy };
}
