import FormField from '@cloudscape-design/components/form-field';
import Slider from '@cloudscape-design/components/slider';

/** What the API takes where none is named. */
export const THRESHOLD = 80;

/** The threshold that an address names. */
export function thresholdOf(text: string | undefined): number {
  const value = text === undefined ? THRESHOLD : Number(text);
  return value >= 0 && value <= 100 ? value : THRESHOLD;
}

interface Props {
  readonly value: number;
  readonly onChange: (value: number) => void;
}

export function Threshold({ value, onChange }: Props) {
  return (
    <FormField label="Similarity, at least" description="In percent. The rider photo workflow takes 70.">
      <Slider value={value} min={0} max={100} valueFormatter={(shown) => `${shown} %`} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
