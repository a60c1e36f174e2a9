import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { FunctionConfiguration } from '../aws/lambda';
import { Arn } from '../ui/Arn';
import { CopyCli } from '../ui/CopyCli';
import { sizeText } from '../ui/size';
import { Time } from '../ui/time';
import { instantOf } from './report';

interface Props {
  readonly config: FunctionConfiguration;
  readonly qualifier: string | undefined;
}

export function Summary({ config, qualifier }: Props) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={<CopyCli service="lambda" operation="GetFunction" input={{ FunctionName: config.FunctionName, Qualifier: qualifier }} />}
        >
          Details
        </Header>
      }
    >
      <KeyValuePairs
        columns={3}
        items={[
          { label: 'ARN', value: <Arn arn={config.FunctionArn} /> },
          { label: 'Runtime', value: config.Runtime ?? '-' },
          { label: 'State', value: <State config={config} /> },
          { label: 'Version', value: config.Version },
          { label: 'Package', value: `${sizeText(config.CodeSize)}, ${config.PackageType ?? 'Zip'}` },
          { label: 'Last modified', value: <Time at={instantOf(config.LastModified)} /> },
        ]}
      />
    </Container>
  );
}

function State({ config: { State: state = 'Active', StateReason: reason, LastUpdateStatus: update } }: Pick<Props, 'config'>) {
  if (state === 'Failed' || update === 'Failed') {
    return <StatusIndicator type="error">{reason ?? 'Failed'}</StatusIndicator>;
  }
  return state === 'Pending' || update === 'InProgress' ? (
    <StatusIndicator type="in-progress">{state === 'Pending' ? 'Pending' : 'Updating'}</StatusIndicator>
  ) : (
    <StatusIndicator type="success">{state}</StatusIndicator>
  );
}
