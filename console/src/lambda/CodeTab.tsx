import Box from '@cloudscape-design/components/box';
import Spinner from '@cloudscape-design/components/spinner';
import { useQuery } from '@tanstack/react-query';
import type { GetFunctionOutput } from '../aws/lambda';
import { Problem } from '../ui/Problem';
import { CodeView } from './CodeView';
import type { Draft } from './draft';
import { useLambda } from './useLambda';

interface Props {
  readonly found: GetFunctionOutput;
  /** A version: it is only shown. */
  readonly isFixed: boolean;
  readonly draft: Draft | undefined;
  readonly onChange: (draft: Draft | undefined) => void;
}

/** Fetches the package and shows it; one that is written to stays until that is deployed or given up, whatever others deploy. */
export function CodeTab({ found, isFixed, draft, onChange }: Props) {
  const { api, key } = useLambda();
  const location = found.Code?.Location;
  const { CodeSha256: sha256 } = found.Configuration;
  const query = useQuery({
    queryKey: [...key, 'code', sha256],
    queryFn: ({ signal }) => api.getCode(location ?? '', { signal }),
    enabled: location !== undefined,
    // A package of this hash is always the same.
    staleTime: Infinity,
    gcTime: PACKAGE_KEPT_MS,
  });
  if (draft !== undefined) {
    return <CodeView config={found.Configuration} base={draft.base} draft={draft} isFixed={isFixed} onChange={onChange} />;
  }
  if (location === undefined) {
    return <Box color="text-body-secondary">The server does not say where the package is.</Box>;
  }
  if (query.isPending) {
    return <Spinner size="large" />;
  }
  if (query.isError) {
    return <Problem what="The package could not be read" error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <CodeView config={found.Configuration} base={{ zip: query.data, sha256 }} draft={undefined} isFixed={isFixed} onChange={onChange} />;
}

/** Packages are large: none stays long after its page is left. */
const PACKAGE_KEPT_MS = 60_000;
