import FormField from '@cloudscape-design/components/form-field';
import Slider from '@cloudscape-design/components/slider';
import { useEffect, useState } from 'react';

/** What the API takes where none is named. */
export const THRESHOLD = 80;

/** The threshold that an address names. */
export function thresholdOf(text: string | undefined): number {
  const value = text === undefined ? THRESHOLD : Number(text);
  return value >= 0 && value <= 100 ? value : THRESHOLD;
}

/** A slider passes by what nobody wants searched. */
const SETTLED_MS = 250;

interface Props {
  readonly value: number;
  readonly onChange: (value: number) => void;
}

export function Threshold({ value, onChange }: Props) {
  const [moved, setMoved] = useState<number>();
  useEffect(() => {
    const timer =
      moved === undefined
        ? undefined
        : setTimeout(() => {
            onChange(moved);
            setMoved(undefined);
          }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [moved, onChange]);
  const shown = moved ?? value;
  return (
    <FormField label={`Similarity of ${shown}% or more`} description={`The API takes ${THRESHOLD}% unless it is told otherwise; the rider photo example asks for 70%.`}>
      <Slider value={shown} min={0} max={100} valueFormatter={(at) => `${at}%`} onChange={({ detail }) => setMoved(detail.value)} />
    </FormField>
  );
}
