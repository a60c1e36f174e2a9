import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Arn } from './Arn';

interface Props {
  readonly columns: number;
  readonly items: readonly KeyValuePairsProps.Item[];
  /** Stands below the others on a line of its own: in a column it would take many. */
  readonly arn: { readonly label: string; readonly value: string };
}

/** What is known of one thing, and its ARN. */
export function Facts({ columns, items, arn }: Props) {
  return (
    <SpaceBetween size="l">
      <KeyValuePairs columns={columns} items={items} />
      <KeyValuePairs items={[{ label: arn.label, value: <Arn arn={arn.value} /> }]} />
    </SpaceBetween>
  );
}
