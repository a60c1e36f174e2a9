import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import type { Finding } from './findings';
import { placeName, type Unused, unusedFinding } from './unused';

interface Props {
  readonly unused: readonly Unused[];
  readonly onChoose: (finding: Finding) => void;
  readonly onDismiss: () => void;
}

/** Why nothing was saved: what stands in some fields would be missing. */
export function HeldBack({ unused, onChoose, onDismiss }: Props) {
  const [first] = unused;
  if (first === undefined) return null;
  return (
    <div className="ce-banner" role="alert">
      <Alert
        type="error" dismissible i18nStrings={{ dismissAriaLabel: 'Dismiss' }} onDismiss={onDismiss} header="Nothing was saved"
        action={<Button onClick={() => onChoose(unusedFinding(first))}>{`Go to ${placeName(first)}`}</Button>}
      >
        {`Not part of the definition yet: ${unused.map((one) => `${placeName(one)} (${one.why})`).join('; ')}. Mend or discard the text first.`}
      </Alert>
    </div>
  );
}
