import Button from '@cloudscape-design/components/button';
import { useAws } from '../app/aws';
import { notify } from '../app/notifications';
import { quote } from '../ui/cli';
import { copyText } from '../ui/clipboard';

interface Props {
  /** The words after `aws`: `['s3', 'cp', 's3://a/b', '.']`. */
  readonly words: readonly string[];
  readonly disabled?: boolean;
  readonly inLine?: boolean;
}

/** Copies a command of the AWS CLI that is more than one call of the API; see `CopyCli` for those. */
export function CopyCommand({ words, disabled = false, inLine = false }: Props) {
  const { endpoint, region } = useAws().session;
  const copy = async () => {
    try {
      await copyText(commandOf(words, endpoint, region));
      notify.success('Copied the AWS CLI command');
    } catch (error) {
      notify.error('The command could not be copied', error);
    }
  };
  return (
    <Button iconName="copy" variant={inLine ? 'inline-link' : 'link'} disabled={disabled} onClick={copy} formAction="none">
      Copy as CLI
    </Button>
  );
}

export function commandOf(words: readonly string[], endpoint: string, region: string): string {
  const all = ['aws', ...words, '--endpoint-url', endpoint.replace(/\/$/, ''), '--region', region];
  return all.map(quote).join(' ');
}
