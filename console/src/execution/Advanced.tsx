import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import { AwsError } from '../aws/errors';
import { useStates } from '../machines/useStates';
import { Problem } from '../ui/Problem';
import { COMPARED_CHARS_MAX, diffLines, differs, valueOf } from './diff';
import { DiffView } from './DiffView';
import type { Run } from './model';
import { Payload } from './Payload';
import { type Stage, stagesOf } from './stages';

interface Props {
  readonly executionArn: string;
  readonly run: Run;
  /** The state, as the definition has it. */
  readonly state: unknown;
}

/** The data's path through the fields of the state, with what each changed. */
export function Advanced({ executionArn, run, state }: Props) {
  const { api, key } = useStates();
  const query = useQuery({
    queryKey: [...key, 'inspect', executionArn, run.id, run.status, run.attempts.length],
    queryFn: ({ signal }) => api.inspectState({ executionArn, eventId: run.id }, { signal }),
    staleTime: Infinity,
  });
  if (query.isPending) return <Spinner />;
  if (query.isError) {
    const isOld = query.error instanceof AwsError && query.error.code === 'UnknownOperationException';
    return isOld ? (
      <Alert type="info">This server does not know InspectState, so the way between input and output cannot be shown. A newer Canter does.</Alert>
    ) : (
      <Problem what="The data flow could not be computed" error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  return (
    <SpaceBetween size="m">
      {stagesOf(query.data, state).map((stage) => <StageView key={stage.id} stage={stage} />)}
    </SpaceBetween>
  );
}

function StageView({ stage }: { readonly stage: Stage }) {
  const { title, field, value, before, missing } = stage;
  const lines = value === undefined || before === undefined || value.length + before.length > COMPARED_CHARS_MAX ? undefined : diffLines(valueOf(before), valueOf(value));
  return (
    <section aria-label={title}>
      <Box variant="h4">
        {title} {lines === undefined ? null : <Box variant="small" display="inline">{differs(lines) ? 'changed' : 'unchanged'}</Box>}
      </Box>
      {field === undefined ? null : <Box variant="code">{field}</Box>}
      {missing === undefined ? null : <StatusIndicator type="info" wrapText>Not recomputed: {missing}</StatusIndicator>}
      {value === undefined ? null : lines !== undefined && differs(lines) ? <DiffView lines={lines} label={title} /> : <Payload name={title} text={value} />}
    </section>
  );
}
