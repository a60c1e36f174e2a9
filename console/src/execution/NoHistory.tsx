import Alert from '@cloudscape-design/components/alert';
import { useQuery } from '@tanstack/react-query';
import { at, PlaceLink } from '../app/link';
import { machineOf } from '../machines/arn';
import { useStates } from '../machines/useStates';
import { CopyCli } from '../ui/CopyCli';

/** An EXPRESS execution leaves no history; this says where its events went. */
export function NoHistory({ arn }: { readonly arn: string }) {
  const { api, key } = useStates();
  const machine = machineOf(arn);
  const { data } = useQuery({
    queryKey: [...key, 'machine', machine.arn],
    queryFn: ({ signal }) => api.describeStateMachine({ stateMachineArn: machine.arn }, { signal }),
  });
  const logging = data?.loggingConfiguration;
  const group = logging?.level === 'OFF' ? undefined : logging?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn?.split(':')[6];
  if (group === undefined) {
    return (
      <Alert type="info" header="Express executions keep no history">
        Their events go to a log group, and this state machine has none:{' '}
        <PlaceLink to={at('state-machines', machine.arn, { tab: 'logging' })}>turn logging on</PlaceLink> to see what later executions do.
      </Alert>
    );
  }
  const input = { logGroupName: group, filterPattern: `{ $.execution_arn = ${JSON.stringify(arn)} }` };
  return (
    <Alert type="info" header="Express executions keep no history" action={<CopyCli service="logs" operation="FilterLogEvents" input={input} />}>
      Its events are in the log group <b>{group}</b>, in the entries whose <code>execution_arn</code> is {arn}.
    </Alert>
  );
}
