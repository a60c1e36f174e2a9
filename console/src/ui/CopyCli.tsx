import Button from '@cloudscape-design/components/button';
import { useAws } from '../app/aws';
import { notify } from '../app/notifications';
import { awsCommand, type CliCall } from './cli';
import { copyText } from './clipboard';

type Call = Pick<CliCall, 'service' | 'operation' | 'input'>;

/** Copies the AWS CLI's command for what the dialogue is about to do. */
export function CopyCli(call: Call) {
  return <CopyCliAll calls={[call]} />;
}

/** Copies its commands for what takes several calls, one after another. */
export function CopyCliAll({ calls }: { readonly calls: readonly Call[] }) {
  const { endpoint, region } = useAws().session;
  const copy = async () => {
    try {
      await copyText(calls.map((call) => awsCommand({ ...call, endpoint, region })).join('\n'));
      notify.success(calls.length === 1 ? 'Copied the AWS CLI command' : 'Copied the AWS CLI commands');
    } catch (error) {
      notify.error('The command could not be copied', error);
    }
  };
  return (
    <Button iconName="copy" variant="link" disabled={calls.length === 0} onClick={copy} formAction="none">
      Copy as CLI
    </Button>
  );
}
