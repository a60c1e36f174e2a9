import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { at, href, useFollow } from '../app/link';
import { notify } from '../app/notifications';
import type { DescribeExecutionOutput } from '../aws/states';
import { StartDialog } from '../machines/StartDialog';
import { StopDialog } from '../machines/StopDialog';
import { machineOf } from '../machines/arn';
import { CopyCli } from '../ui/CopyCli';
import { CompareDialog } from './CompareDialog';
import { exportAs } from './exports';
import type { Snapshot } from './feed';

interface Props {
  readonly execution: DescribeExecutionOutput;
  readonly snapshot: Snapshot;
  readonly definition: string;
}

export function ExecutionHeader({ execution, snapshot, definition }: Props) {
  const [dialog, setDialog] = useState<'start' | 'stop' | 'compare'>();
  const follow = useFollow();
  const { executionArn, name } = execution;
  const machine = machineOf(executionArn);
  const isChild = execution.mapRunArn !== undefined;
  const running = execution.status === 'RUNNING';
  const items = [
    { id: 'history', text: 'History as JSON', disabled: !snapshot.complete },
    { id: 'svg', text: 'Graph as SVG' },
    { id: 'png', text: 'Graph as PNG' },
  ];
  const onExport = (id: string) =>
    exportAs(id, name, snapshot.model, definition).catch((error: unknown) => notify.error('It could not be exported', error));
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <CopyCli service="stepfunctions" operation="DescribeExecution" input={{ executionArn }} />
      <Button href={href(at('state-machines', machine.arn, 'edit'))} onFollow={follow} ariaLabel="Edit state machine">Edit</Button>
      <Button onClick={() => setDialog('compare')}>Compare</Button>
      <ButtonDropdown items={items} onItemClick={({ detail }) => void onExport(detail.id)}>Export</ButtonDropdown>
      <Button disabled={!running} onClick={() => setDialog('stop')}>Stop</Button>
      {isChild ? null : <Button variant="primary" onClick={() => setDialog('start')}>New execution</Button>}
    </SpaceBetween>
  );
  const close = () => setDialog(undefined);
  return (
    <>
      <Header variant="h1" actions={actions}>{name}</Header>
      {dialog === 'start' ? (
        <StartDialog
          machine={{ stateMachineArn: machine.arn, type: 'STANDARD' }} onClose={close}
          {...(execution.input === undefined ? {} : { input: execution.input })}
        />
      ) : null}
      {dialog === 'compare' ? <CompareDialog executionArn={executionArn} mapRunArn={execution.mapRunArn} onClose={close} /> : null}
      {dialog === 'stop' ? <StopDialog executions={[execution]} onClose={close} /> : null}
    </>
  );
}
