import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import type { DescribeExecutionOutput } from '../aws/states';
import { failureOf } from '../ui/failure';
import { FailureText } from '../ui/FailureText';
import type { Run } from './model';

interface Props {
  readonly execution: DescribeExecutionOutput;
  readonly culprit: Run | undefined;
  readonly onShow: (run: Run) => void;
}

const WORDS: Readonly<Record<string, string>> = { FAILED: 'Execution failed', TIMED_OUT: 'Execution timed out', ABORTED: 'Execution was stopped' };

/** Why the execution did not succeed, and the way to the step that is to blame. */
export function ErrorBanner({ execution, culprit, onShow }: Props) {
  const what = WORDS[execution.status];
  if (what === undefined) return null;
  const { error, cause } = execution;
  return (
    <Alert
      type={execution.status === 'ABORTED' ? 'warning' : 'error'}
      header={error === undefined ? what : `${what}: ${error}`}
      action={culprit === undefined ? undefined : <Button onClick={() => onShow(culprit)}>Show step detail</Button>}
    >
      {culprit === undefined ? null : <div>In step <b>{culprit.name}</b>.</div>}
      <FailureText failure={failureOf(error, cause)} cause={cause} />
    </Alert>
  );
}
