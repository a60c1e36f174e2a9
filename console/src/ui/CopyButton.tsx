import Button from '@cloudscape-design/components/button';
import { notify } from '../app/notifications';
import { copyText } from './clipboard';

interface Props {
  readonly text: string;
  /** What is copied: "ARN". */
  readonly name: string;
}

export function CopyButton({ text, name }: Props) {
  const copy = () =>
    copyText(text).then(
      () => notify.success(`Copied the ${name}`),
      (error: unknown) => notify.error(`The ${name} could not be copied`, error),
    );
  return <Button iconName="copy" variant="inline-icon" ariaLabel={`Copy the ${name}`} onClick={copy} />;
}
