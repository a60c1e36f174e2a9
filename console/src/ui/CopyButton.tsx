import Button from '@cloudscape-design/components/button';
import { copy } from './copy';

interface Props {
  readonly text: string;
  /** What is copied: "ARN". */
  readonly name: string;
}

export function CopyButton({ text, name }: Props) {
  return <Button iconName="copy" variant="inline-icon" ariaLabel={`Copy the ${name}`} onClick={() => copy(text, name)} />;
}
