import { useMemo } from 'react';
import { scope, useAws } from '../app/aws';
import { rekognition } from '../aws/rekognition';

/** Rekognition as the page's caller, and the key under which what it says is kept. */
export function useRekognition() {
  const client = useAws();
  return useMemo(() => ({ client, api: rekognition(client), key: [...scope(client), 'rekognition'] as const }), [client]);
}
