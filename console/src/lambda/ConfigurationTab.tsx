import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import type { FunctionConfiguration } from '../aws/lambda';
import { Arn } from '../ui/Arn';
import { Empty } from '../ui/Empty';
import { ConfigurationDialog } from './ConfigurationDialog';
import { EnvironmentDialog } from './EnvironmentDialog';
import './lambda.css';

interface Props {
  readonly config: FunctionConfiguration;
  readonly isFixed: boolean;
}

export function ConfigurationTab({ config, isFixed }: Props) {
  const [dialog, setDialog] = useState<'general' | 'environment'>();
  const close = () => setDialog(undefined);
  const variables = Object.entries(config.Environment?.Variables ?? {}).sort(([a], [b]) => a.localeCompare(b));
  const edit = (what: 'general' | 'environment') => (isFixed ? null : <Button onClick={() => setDialog(what)}>Edit</Button>);
  const layers = config.Layers ?? [];
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={edit('general')}>
            General
          </Header>
        }
      >
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Description', value: config.Description === undefined || config.Description === '' ? '-' : config.Description },
            { label: 'Handler', value: config.Handler ?? '-' },
            { label: 'Timeout', value: `${config.Timeout} s` },
            { label: 'Memory', value: `${config.MemorySize} MB` },
            { label: 'Storage', value: `${config.EphemeralStorage?.Size ?? 512} MB` },
            { label: 'Architecture', value: (config.Architectures ?? []).join(', ') },
            { label: 'Role', value: config.Role === undefined ? '-' : <Arn arn={config.Role} /> },
            { label: 'Log group', value: config.LoggingConfig?.LogGroup ?? '-' },
            ...(layers.length === 0 ? [] : [{ label: 'Layers', value: layers.map(({ Arn: arn }) => <Arn key={arn} arn={arn} />) }]),
          ]}
        />
      </Container>
      <Table
        wrapLines
        items={variables}
        ariaLabels={{ tableLabel: 'Environment variables' }}
        header={
          <Header variant="h2" counter={`(${variables.length})`} actions={edit('environment')}>
            Environment variables
          </Header>
        }
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, cell: ([name]) => <span className="variable">{name}</span> },
          { id: 'value', header: 'Value', cell: ([, value]) => <span className="variable">{value}</span> },
        ]}
        empty={<Empty title="No environment variables" text="The function sees those that Lambda sets." />}
      />
      {dialog === 'general' ? <ConfigurationDialog config={config} onClose={close} /> : null}
      {dialog === 'environment' ? <EnvironmentDialog config={config} onClose={close} /> : null}
    </SpaceBetween>
  );
}
