import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { at, PlaceLink } from '../app/link';
import type { DescribeExecutionOutput } from '../aws/states';
import { machineOf } from '../machines/arn';
import { Facts } from '../ui/Facts';
import { Problem } from '../ui/Problem';
import { Status } from '../ui/Status';
import { durationText, Time } from '../ui/time';
import { differenceText } from './differenceText';
import { nameOfExecution } from './executionArn';
import { Gone, isGone } from './Gone';
import { Refused } from './Refused';
import { useNow } from './useNow';
import type { Side } from './useSide';
import { versionFact } from './versionFact';

interface Props {
  readonly letter: string;
  readonly side: Side;
  /** The execution whose duration this one's is compared with. */
  readonly than?: DescribeExecutionOutput | undefined;
}

/** One of the executions, or why it cannot be compared. */
export function SideCard({ letter, side, than }: Props) {
  const { arn, refusal } = side;
  const name = nameOfExecution(arn);
  const title = arn === '' ? letter : <>{letter}: {refusal === 'not-an-execution' ? name : <PlaceLink to={at('executions', arn)} fontSize="inherit">{name}</PlaceLink>}</>;
  return (
    <Container fitHeight header={<Header variant="h2">{title}</Header>}>
      {refusal === undefined ? <Loaded side={side} than={than} /> : <Refused arn={arn} refusal={refusal} />}
    </Container>
  );
}

function Loaded({ side, than }: Omit<Props, 'letter'>) {
  const { arn, execution, history } = side;
  if (execution.data === undefined) {
    if (!execution.isError) return <Spinner />;
    return isGone(execution.error) ? <Gone arn={arn} /> : <Problem what="The execution could not be read" error={execution.error} onRetry={() => void execution.refetch()} />;
  }
  return (
    <SpaceBetween size="m">
      {history.error === undefined ? null : <Problem what="The history could not be read to its end" error={history.error} onRetry={history.retry} />}
      <SideFacts execution={execution.data} side={side} than={than} />
    </SpaceBetween>
  );
}

function SideFacts({ execution, side, than }: Omit<Props, 'letter'> & { readonly execution: DescribeExecutionOutput }) {
  const { status, startDate, stopDate } = execution;
  const now = useNow(stopDate === undefined);
  const machine = machineOf(side.arn);
  const took = (of: DescribeExecutionOutput | undefined) => (of?.stopDate === undefined ? undefined : of.stopDate - of.startDate);
  const [own, other] = [took(execution), took(than)];
  const slower = own === undefined || other === undefined ? '' : ` (${differenceText(own - other)})`;
  return (
    <Facts
      columns={2}
      arn={{ label: 'Execution ARN', value: side.arn }}
      items={[
        { label: 'Status', value: <Status status={status} /> },
        { label: 'Duration', value: `${durationText((stopDate ?? now) - startDate)}${slower}` },
        { label: 'Started', value: <Time precise at={startDate} /> },
        { label: 'Events', value: side.history.count.toLocaleString('en-US') },
        { label: 'State machine', value: <PlaceLink to={at('state-machines', machine.arn)}>{machine.name}</PlaceLink> },
        versionFact(execution, side.machine.data),
      ]}
    />
  );
}
