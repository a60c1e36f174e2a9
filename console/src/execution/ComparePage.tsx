import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { at } from '../app/link';
import { Page } from '../app/Page';
import { machineOf } from '../machines/arn';
import { CompareDialog } from './CompareDialog';
import './execution.css';
import { nameOfExecution } from './executionArn';
import { ExecutionDiff } from './ExecutionDiff';
import { SideCard } from './SideCard';
import { Steps } from './Steps';
import { useSides } from './useSides';
import { withChanges } from './useSelection';

const route = getRouteApi('/executions/$arn/compare');

/** Two executions beside each other. */
export function ComparePage() {
  const { arn } = route.useParams();
  const { with: other = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [a, b] = useSides(arn, other);
  const [choosing, setChoosing] = useState(false);
  const machine = machineOf(arn);
  const swap = () => void navigate({ params: { arn: other }, search: (old) => withChanges(old, { with: arn }), replace: true, resetScroll: false });
  const crumbs = [
    { text: 'State machines', to: at('state-machines') },
    { text: machine.name, to: at('state-machines', machine.arn) },
    { text: nameOfExecution(arn), to: at('executions', arn) },
  ];
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <Button disabled={other === ''} onClick={swap}>Swap sides</Button>
      <Button onClick={() => setChoosing(true)}>{other === '' ? 'Choose the other execution' : 'Compare with another'}</Button>
    </SpaceBetween>
  );
  const [left, right] = [a.execution.data, b.execution.data];
  return (
    <Page roomy title="Compare executions" crumbs={crumbs}>
      <ContentLayout header={<Header variant="h1" actions={actions}>Compare executions</Header>}>
        <div className="execution">
          <SpaceBetween size="l">
            {arn === other ? <Alert type="info">Both sides are the same execution.</Alert> : null}
            <div className="ex-two">
              <SideCard letter="A" side={a} />
              <SideCard letter="B" side={b} than={left} />
            </div>
            {left === undefined || right === undefined ? null : <ExecutionDiff left={left} right={right} definitions={[a.definition, b.definition]} />}
            {left === undefined || right === undefined ? null : <Steps left={a} right={b} />}
          </SpaceBetween>
        </div>
      </ContentLayout>
      {choosing ? <CompareDialog executionArn={arn} mapRunArn={left?.mapRunArn} onClose={() => setChoosing(false)} /> : null}
    </Page>
  );
}
