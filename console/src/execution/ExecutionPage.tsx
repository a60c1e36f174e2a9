import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import { at } from '../app/link';
import { Page } from '../app/Page';
import type { DescribeExecutionOutput } from '../aws/states';
import { machineOf } from '../machines/arn';
import { useStates } from '../machines/useStates';
import { Problem } from '../ui/Problem';
import { ErrorBanner } from './ErrorBanner';
import { ExecutionHeader } from './ExecutionHeader';
import './execution.css';
import { nameOfExecution } from './executionArn';
import { ExpressPage } from './ExpressPage';
import { Gone, isGone } from './Gone';
import { culpritOf } from './model';
import { Summary } from './Summary';
import { useExecution, useMachineOf } from './useExecution';
import { useHistory } from './useHistory';
import { useReplay } from './useReplay';
import { useSelection } from './useSelection';
import { Views } from './Views';

const route = getRouteApi('/executions/$arn');

export function ExecutionPage() {
  const { arn } = route.useParams();
  return arn.split(':')[5] === 'express' ? <ExpressPage arn={arn} /> : <StandardPage key={arn} arn={arn} />;
}

function StandardPage({ arn }: { readonly arn: string }) {
  const execution = useExecution(arn);
  const machine = useMachineOf(arn);
  const parent = machineOf(arn);
  const crumbs = [
    { text: 'State machines', to: at('state-machines') },
    { text: parent.name, to: at('state-machines', parent.arn) },
  ];
  return (
    <Page roomy title={nameOfExecution(arn)} crumbs={crumbs}>
      {execution.isError && execution.data === undefined ? (
        isGone(execution.error) ? <Gone arn={arn} /> : <Problem what="The execution could not be read" error={execution.error} onRetry={() => void execution.refetch()} />
      ) : null}
      {execution.isPending || (execution.isSuccess && machine.isPending) ? <Spinner size="large" /> : null}
      {execution.data === undefined || machine.isPending ? null : <Loaded execution={execution.data} machine={machine} />}
    </Page>
  );
}

interface Props {
  readonly execution: DescribeExecutionOutput;
  readonly machine: ReturnType<typeof useMachineOf>;
}

function Loaded({ execution, machine: { data: machine, error, refetch } }: Props) {
  const { key } = useStates();
  const queries = useQueryClient();
  const definition = machine?.definition ?? '';
  const snapshot = useHistory(execution.executionArn, definition);
  const replay = useReplay(snapshot, definition);
  const selection = useSelection(snapshot, replay.model);
  const ended = snapshot.model.end !== undefined;
  const stale = ended && execution.status === 'RUNNING';
  useEffect(() => {
    if (stale) void queries.invalidateQueries({ queryKey: [...key, 'execution', execution.executionArn], exact: true });
  }, [stale, queries, key, execution.executionArn]);
  return (
    <ContentLayout header={<ExecutionHeader execution={execution} snapshot={snapshot} definition={definition} />}>
      <div className="execution">
        <SpaceBetween size="l">
          <ErrorBanner execution={execution} culprit={ended ? culpritOf(snapshot.model) : undefined} onShow={selection.selectRun} />
          <Summary execution={execution} machine={machine} events={snapshot.count} />
          {error === null ? null : <Problem what="The definition could not be read, so there is no graph" error={error} onRetry={() => void refetch()} />}
          {snapshot.error === undefined ? null : <Problem what="The history could not be read to its end" error={snapshot.error} onRetry={snapshot.retry} />}
          <Container>
            <Views execution={execution} definition={definition} snapshot={snapshot} selection={selection} replay={replay} />
          </Container>
        </SpaceBetween>
      </div>
    </ContentLayout>
  );
}
