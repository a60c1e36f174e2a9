import Box from '@cloudscape-design/components/box';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import type { DescribeMapRunOutput } from '../aws/states';
import { counted } from '../ui/counted';
import { endedOf } from './mapRun';

interface Props {
  readonly run: DescribeMapRunOutput;
  readonly label: ReactNode;
}

/** How many of a Map Run's items have come to an end. */
export function MapRunProgress({ run, label }: Props) {
  const { total, succeeded } = run.itemCounts;
  const ended = endedOf(run.itemCounts);
  const bad = ended - succeeded;
  const number = (count: number) => count.toLocaleString('en-US');
  const text = `${number(ended)} of ${counted(total, 'item')}${bad === 0 ? '' : `, ${number(bad)} not succeeded`}`;
  const isOver = run.status !== 'RUNNING';
  if (run.status === 'SUCCEEDED' && bad > 0) {
    return (
      <div>
        {label === '' ? null : <Box variant="awsui-key-label">{label}</Box>}
        <StatusIndicator type="warning">{text}</StatusIndicator>
      </div>
    );
  }
  return (
    <ProgressBar
      label={label} value={total === 0 ? (isOver ? 100 : 0) : (ended / total) * 100} additionalInfo={isOver ? undefined : text}
      status={isOver ? (run.status === 'SUCCEEDED' ? 'success' : 'error') : 'in-progress'} resultText={isOver ? text : ''}
    />
  );
}
