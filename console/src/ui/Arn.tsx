import { CopyButton } from './CopyButton';
import './arn.css';

/** An ARN to read and to copy. */
export function Arn({ arn }: { readonly arn: string }) {
  return (
    <span className="arn">
      <CopyButton text={arn} name="ARN" /> {arn}
    </span>
  );
}
