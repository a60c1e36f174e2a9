import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Advanced } from './Advanced';
import { detailsOf, inputOf, type Model, outputOf, type Run } from './model';
import { asObject } from '../graph/json';
import { FailureAlert } from '../ui/FailureAlert';
import { Payload } from './Payload';
import { Pictures } from './Pictures';
import { picturesOf } from './pictures';
import { withChanges } from './useSelection';

interface Props {
  readonly executionArn: string;
  readonly model: Model;
  readonly run: Run;
  readonly state: unknown;
}

const route = getRouteApi('/executions/$arn');

/** What a state was given and what it gave: the two ends, or the whole way. */
export function StepData({ executionArn, model, run, state }: Props) {
  const { step } = route.useSearch();
  const navigate = route.useNavigate();
  const isAdvanced = step === 'advanced';
  const [input, output] = [inputOf(model, run), outputOf(model, run)];
  const pictures = useMemo(() => picturesOf(input, output), [input, output]);
  const cut = (eventId: number | undefined, member: string) =>
    asObject(eventId === undefined ? undefined : detailsOf(model.event(eventId) ?? { id: 0, timestamp: 0, type: '' })[member]).truncated === true;
  return (
    <SpaceBetween size="m">
      <Toggle
        checked={isAdvanced}
        onChange={({ detail }) => void navigate({ search: (old) => withChanges(old, { step: detail.checked ? 'advanced' : undefined }), replace: true, resetScroll: false })}
      >
        Advanced view
      </Toggle>
      {run.error === undefined && run.cause === undefined ? null : (
        <FailureAlert type={run.status === 'caught' ? 'warning' : 'error'} error={run.error} cause={run.cause} />
      )}
      {run.error === undefined ? <LastError run={run} /> : null}
      <Pictures pictures={pictures} />
      {isAdvanced ? (
        <Advanced key={run.id} executionArn={executionArn} run={run} state={state} />
      ) : (
        <>
          <section>
            <Box variant="h4">Input</Box>
            <Payload key={`i${run.id}`} name="input" text={input} truncated={cut(run.id, 'inputDetails')} />
          </section>
          <section>
            <Box variant="h4">Output</Box>
            <Payload key={`o${run.id}`} name="output" text={output} truncated={cut(run.exitId, 'outputDetails')} />
          </section>
        </>
      )}
    </SpaceBetween>
  );
}

/** What a catcher took, or what the next attempt waits for. */
function LastError({ run }: { readonly run: Run }) {
  const last = run.attempts.at(-1);
  if (last?.error === undefined || run.status === 'succeeded') return null;
  return <FailureAlert type="warning" error={last.error} cause={last.cause} />;
}
