import Alert from '@cloudscape-design/components/alert';
import { useQuery } from '@tanstack/react-query';
import { at, PlaceLink } from '../app/link';
import { Page } from '../app/Page';
import { machineOf } from '../machines/arn';
import { useStates } from '../machines/useStates';
import { useHasPage } from './links';

/** An EXPRESS execution leaves no history; this says where its events went. */
export function ExpressPage({ arn }: { readonly arn: string }) {
  const { api, key } = useStates();
  const hasPage = useHasPage();
  const machine = machineOf(arn);
  const { data } = useQuery({
    queryKey: [...key, 'machine', machine.arn],
    queryFn: ({ signal }) => api.describeStateMachine({ stateMachineArn: machine.arn }, { signal }),
  });
  const logging = data?.loggingConfiguration;
  const group = logging?.level === 'OFF' ? undefined : logging?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn?.split(':')[6];
  const place = group === undefined ? undefined : at('logs', group);
  const crumbs = [
    { text: 'State machines', to: at('state-machines') },
    { text: machine.name, to: at('state-machines', machine.arn) },
  ];
  return (
    <Page title={arn.split(':')[7] ?? arn} crumbs={crumbs}>
      <Alert type="info" header="Express executions keep no history">
        {group === undefined ? (
          <>
            Their events go to a log group, and this state machine has none:{' '}
            <PlaceLink to={at('state-machines', machine.arn, { tab: 'logging' })}>turn logging on</PlaceLink> to see what later executions do.
          </>
        ) : (
          <>
            Its events are in the log group {place !== undefined && hasPage(place) ? <PlaceLink to={place}>{group}</PlaceLink> : <b>{group}</b>}, in the entries
            whose <code>execution_arn</code> is {arn}.
          </>
        )}
      </Alert>
    </Page>
  );
}
