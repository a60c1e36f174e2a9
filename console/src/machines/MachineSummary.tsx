import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import type { DescribeStateMachineOutput } from '../aws/states';
import { Arn } from '../ui/Arn';
import { Status } from '../ui/Status';
import { Time } from '../ui/time';

export function MachineSummary({ machine }: { readonly machine: DescribeStateMachineOutput }) {
  const logging = machine.loggingConfiguration?.level ?? 'OFF';
  return (
    <Container header={<Header variant="h2">Details</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'ARN', value: <Arn arn={machine.stateMachineArn} /> },
          { label: 'IAM role ARN', value: <Arn arn={machine.roleArn} /> },
          { label: 'Type', value: machine.type === 'EXPRESS' ? 'Express' : 'Standard' },
          { label: 'Status', value: <Status status={machine.status ?? 'ACTIVE'} /> },
          { label: 'Creation date', value: <Time at={machine.creationDate} /> },
          { label: 'Logging', value: logging === 'OFF' ? 'Off' : logging },
          ...(machine.description === undefined || machine.description === ''
            ? []
            : [{ label: 'Version description', value: machine.description }]),
        ]}
      />
    </Container>
  );
}
