import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { at, PlaceLink } from '../app/link';
import { Page } from '../app/Page';
import type { DescribeExecutionOutput } from '../aws/states';
import { machineOf } from '../machines/arn';
import { useStates } from '../machines/useStates';
import { JsonView } from '../ui/JsonView';
import { Problem } from '../ui/Problem';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';
import { EventsTable } from './EventsTable';

const route = getRouteApi('/executions/$arn');

export function ExecutionPage() {
  const { arn } = route.useParams();
  const { api, key } = useStates();
  const execution = useQuery({
    queryKey: [...key, 'execution', arn],
    queryFn: ({ signal }) => api.describeExecution({ executionArn: arn }, { signal }),
    refetchInterval: (query) => (query.state.data?.status === 'RUNNING' ? 1000 : false),
  });
  const name = arn.split(':')[7] ?? arn;
  const machine = machineOf(arn);
  const crumbs = [
    { text: 'State machines', to: at('state-machines') },
    { text: machine.name, to: at('state-machines', machine.arn) },
  ];
  return (
    <Page title={name} crumbs={crumbs}>
      <ContentLayout header={<Header variant="h1">{name}</Header>}>
        <SpaceBetween size="l">
          {execution.isError ? <Problem what="The execution could not be read" error={execution.error} onRetry={() => void execution.refetch()} /> : null}
          {execution.data === undefined ? null : <Summary execution={execution.data} />}
          <EventsTable executionArn={arn} running={execution.data?.status === 'RUNNING'} />
        </SpaceBetween>
      </ContentLayout>
    </Page>
  );
}

function Summary({ execution }: { readonly execution: DescribeExecutionOutput }) {
  const { startDate, stopDate } = execution;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Details</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Status', value: <Status status={execution.status} /> },
            { label: 'Started', value: <Time at={startDate} /> },
            { label: 'Ended', value: <Time at={stopDate} /> },
            { label: 'Duration', value: stopDate === undefined ? '-' : durationText(stopDate - startDate) },
            { label: 'State machine', value: <PlaceLink to={at('state-machines', execution.stateMachineArn)}>{execution.stateMachineArn}</PlaceLink> },
            { label: 'Execution ARN', value: execution.executionArn },
            ...(execution.error === undefined ? [] : [{ label: 'Error', value: execution.error }]),
            ...(execution.cause === undefined ? [] : [{ label: 'Cause', value: execution.cause }]),
          ]}
        />
      </Container>
      <ColumnLayout columns={2}>
        <Container header={<Header variant="h2">Input</Header>}>
          <JsonView name="input" text={execution.input ?? ''} />
        </Container>
        <Container header={<Header variant="h2">Output</Header>}>
          <JsonView name="output" text={execution.output ?? ''} />
        </Container>
      </ColumnLayout>
    </SpaceBetween>
  );
}
