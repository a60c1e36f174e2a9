import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at } from '../app/link';
import { Page } from '../app/Page';
import { AwsError } from '../aws/errors';
import type { DescribeMapRunOutput } from '../aws/states';
import { machineOf } from '../machines/arn';
import { CopyCli } from '../ui/CopyCli';
import { Problem } from '../ui/Problem';
import './execution.css';
import { nameOfExecution } from './executionArn';
import { idOf, labelOf, stateOf } from './mapRun';
import { MapRunChildren } from './MapRunChildren';
import { MapRunCountsTable } from './MapRunCountsTable';
import { MapRunDialog } from './MapRunDialog';
import { MapRunGone } from './MapRunGone';
import { MapRunSummary } from './MapRunSummary';
import { useMachineOf } from './useExecution';
import { useMapRun } from './useMapRun';

const route = getRouteApi('/map-runs/$arn');

/** What a Distributed Map makes of its items. */
export function MapRunPage() {
  const { arn } = route.useParams();
  const { data: run, error, isPending, refetch } = useMapRun(arn);
  const machine = machineOf(arn);
  const crumbs = [
    { text: 'State machines', to: at('state-machines') },
    { text: machine.name, to: at('state-machines', machine.arn) },
    ...(run === undefined ? [] : [{ text: nameOfExecution(run.executionArn), to: at('executions', run.executionArn) }]),
  ];
  const definition = useMachineOf(run?.executionArn ?? '', run !== undefined).data?.definition ?? '';
  const title = `Map Run ${stateOf(definition, labelOf(arn))} ${idOf(arn)}`;
  const isGone = error instanceof AwsError && error.code === 'ResourceNotFound';
  return (
    <Page title={title} crumbs={crumbs}>
      {isPending ? <Spinner size="large" /> : null}
      {isGone ? <MapRunGone arn={arn} /> : null}
      {error === null || isGone ? null : <Problem what="The Map Run could not be read" error={error} onRetry={() => void refetch()} />}
      {run === undefined ? null : <Loaded key={arn} run={run} title={title} />}
    </Page>
  );
}

function Loaded({ run, title }: { readonly run: DescribeMapRunOutput; readonly title: string }) {
  const { mapRunArn, status } = run;
  const [editing, setEditing] = useState(false);
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <CopyCli service="stepfunctions" operation="DescribeMapRun" input={{ mapRunArn }} />
      <Button disabled={status !== 'RUNNING'} disabledReason="It has ended." onClick={() => setEditing(true)}>Edit</Button>
    </SpaceBetween>
  );
  return (
    <ContentLayout header={<Header variant="h1" actions={actions}>{title}</Header>}>
      <div className="execution">
        <SpaceBetween size="l">
          <MapRunSummary run={run} />
          <MapRunCountsTable run={run} />
          <MapRunChildren run={run} />
        </SpaceBetween>
      </div>
      {editing ? <MapRunDialog run={run} onClose={() => setEditing(false)} /> : null}
    </ContentLayout>
  );
}
