import Button from '@cloudscape-design/components/button';
import { useAws } from '../app/aws';
import { awsCommand, awsWords, type CliCall } from './cli';
import { copy } from './copy';

export type Call = Pick<CliCall, 'service' | 'operation' | 'input'>;

/** Copies the AWS CLI's command for what the dialogue is about to do. */
export function CopyCli({ disabled = false, ...call }: Call & { readonly disabled?: boolean }) {
  return <CopyCliAll calls={[call]} disabled={disabled} />;
}

/** The same for what is no button of its own. */
export function useCopyCli(): (call: Call) => Promise<void> {
  const { endpoint, region } = useAws().session;
  return (call) => copy(awsCommand({ ...call, endpoint, region }), 'AWS CLI command');
}

interface AllProps {
  readonly calls: readonly Call[];
  readonly disabled?: boolean;
}

/** Copies its commands for what takes several calls, one after another. */
export function CopyCliAll({ calls, disabled = false }: AllProps) {
  const { endpoint, region } = useAws().session;
  return (
    <CommandButton
      does={[...new Set(calls.map(({ operation }) => operation))].join(', ')}
      name={calls.length === 1 ? 'AWS CLI command' : 'AWS CLI commands'}
      disabled={disabled || calls.length === 0}
      text={() => calls.map((call) => awsCommand({ ...call, endpoint, region })).join('\n')}
    />
  );
}

interface CommandProps {
  /** The words after `aws`: `['s3', 'cp', 's3://a/b', '.']`. */
  readonly words: readonly string[];
  readonly disabled?: boolean;
}

/** Copies a command of the AWS CLI that is more than a call of the API. */
export function CopyCommand({ words, disabled = false }: CommandProps) {
  const { endpoint, region } = useAws().session;
  return <CommandButton does={words.slice(0, 2).join(' ')} name="AWS CLI command" disabled={disabled} text={() => awsWords(words, endpoint, region)} />;
}

interface ButtonProps {
  readonly name: string;
  /** What the command does: "DescribeTable", "s3 cp". */
  readonly does: string;
  readonly disabled: boolean;
  readonly text: () => string;
}

function CommandButton({ name, does, disabled, text }: ButtonProps) {
  return (
    <Button iconName="copy" variant="link" ariaLabel={`Copy as CLI: ${does}`} nativeButtonAttributes={{ title: does }} disabled={disabled} onClick={() => copy(text(), name)} formAction="none">
      Copy as CLI
    </Button>
  );
}
