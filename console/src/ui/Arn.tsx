import { Copied } from './Copied';

/** An ARN to read and to copy. */
export function Arn({ arn }: { readonly arn: string }) {
  return <Copied text={arn} name="ARN" />;
}
