import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { useState } from 'react';
import type { DescribeStateMachineOutput } from '../aws/states';
import { LoggingDialog } from './LoggingDialog';

export function LoggingTab({ machine }: { readonly machine: DescribeStateMachineOutput }) {
  const [editing, setEditing] = useState(false);
  const logging = machine.loggingConfiguration;
  const groups = logging?.destinations?.map(({ cloudWatchLogsLogGroup }) => cloudWatchLogsLogGroup?.logGroupArn ?? '-');
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button onClick={() => setEditing(true)}>Edit</Button>}>
          Logging
        </Header>
      }
    >
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'Level', value: logging?.level ?? 'OFF' },
          { label: 'Execution data', value: logging?.includeExecutionData === true ? 'Included' : 'Left out' },
          { label: 'Log group', value: groups === undefined || groups.length === 0 ? '-' : groups.join(', ') },
          { label: 'X-Ray tracing', value: machine.tracingConfiguration?.enabled === true ? 'On' : 'Off' },
        ]}
      />
      {editing ? <LoggingDialog machine={machine} onClose={() => setEditing(false)} /> : null}
    </Container>
  );
}
