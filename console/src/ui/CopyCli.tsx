import Button from '@cloudscape-design/components/button';
import { useAws } from '../app/aws';
import { notify } from '../app/notifications';
import { awsCommand, type CliCall } from './cli';
import { copyText } from './clipboard';

type Props = Pick<CliCall, 'service' | 'operation' | 'input'> & { readonly disabled?: boolean };

/** Copies the AWS CLI's command for what the dialogue is about to do. */
export function CopyCli({ disabled = false, ...call }: Props) {
  const { endpoint, region } = useAws().session;
  const copy = async () => {
    try {
      await copyText(awsCommand({ ...call, endpoint, region }));
      notify.success('Copied the AWS CLI command');
    } catch (error) {
      notify.error('The command could not be copied', error);
    }
  };
  return (
    <Button iconName="copy" variant="link" disabled={disabled} onClick={copy} formAction="none">
      Copy as CLI
    </Button>
  );
}
