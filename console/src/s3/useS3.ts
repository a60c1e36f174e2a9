import { useMemo } from 'react';
import { scope, useAws } from '../app/aws';
import { s3 } from '../aws/s3';

/** S3 as the page's caller, and the key under which what it says is kept. */
export function useS3() {
  const client = useAws();
  return useMemo(() => ({ client, api: s3(client), key: [...scope(client), 's3'] as const }), [client]);
}
