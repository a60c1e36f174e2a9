import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { at, href, useFollow, useGo } from '../app/link';
import type { DescribeStateMachineOutput } from '../aws/states';
import { DeleteMachines } from './DeleteMachines';
import { StartDialog } from './StartDialog';

interface Props {
  readonly machine: DescribeStateMachineOutput;
  readonly title: string;
  readonly isVersion: boolean;
}

export function MachineHeader({ machine, title, isVersion }: Props) {
  const [dialog, setDialog] = useState<'start' | 'delete'>();
  const close = () => setDialog(undefined);
  const follow = useFollow();
  const go = useGo();
  const arn = machine.stateMachineArn;
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      {isVersion ? null : (
        <Button href={href(at('state-machines', arn, 'edit'))} onFollow={follow}>
          Edit
        </Button>
      )}
      <Button href={href(at('state-machines', 'create', { from: arn }))} onFollow={follow}>
        Copy to new
      </Button>
      {isVersion ? null : <Button onClick={() => setDialog('delete')}>Delete</Button>}
      <Button variant="primary" onClick={() => setDialog('start')}>
        Start execution
      </Button>
    </SpaceBetween>
  );
  return (
    <>
      <Header variant="h1" actions={actions}>
        {title}
      </Header>
      {dialog === 'start' ? <StartDialog machine={machine} onClose={close} /> : null}
      {dialog === 'delete' ? (
        <DeleteMachines machines={[machine]} onClose={close} onDeleted={() => go(at('state-machines'))} />
      ) : null}
    </>
  );
}
