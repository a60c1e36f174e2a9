import Select from '@cloudscape-design/components/select';
import { REGIONS } from './region';

const OPTIONS = REGIONS.map(([value, description]) => ({ value, description, label: value }));

interface Props {
  readonly region: string;
  readonly onChange: (region: string) => void;
}

export function RegionSelect({ region, onChange }: Props) {
  const selected = OPTIONS.find((option) => option.value === region) ?? { value: region, label: region };
  return (
    <Select
      selectedOption={selected}
      options={OPTIONS}
      filteringType="auto"
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? region)}
    />
  );
}
