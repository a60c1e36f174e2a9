import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import type { DescribeStateMachineOutput } from '../aws/states';
import { StartDialog } from './StartDialog';

/** In place of the list that the API does not give. */
export function ExpressNote({ machine }: { readonly machine: DescribeStateMachineOutput }) {
  const [starting, setStarting] = useState(false);
  const isLogged = (machine.loggingConfiguration?.level ?? 'OFF') !== 'OFF';
  return (
    <>
      <Alert
        type="info"
        header="The API does not list Express executions"
        action={<Button onClick={() => setStarting(true)}>Start execution</Button>}
      >
        {isLogged
          ? 'Their events are in the log group that the Logging tab names. A synchronous execution shows its result here.'
          : 'Switch logging on to find their events in a log group. A synchronous execution shows its result here.'}
      </Alert>
      {starting ? <StartDialog machine={machine} onClose={() => setStarting(false)} /> : null}
    </>
  );
}
