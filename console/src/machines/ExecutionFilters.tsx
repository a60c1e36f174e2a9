import DateRangePicker, { type DateRangePickerProps } from '@cloudscape-design/components/date-range-picker';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { getRouteApi } from '@tanstack/react-router';
import { useTyped } from '../ui/useTyped';
import { type FilterSearch, STATUSES } from './executionFilter';
import './filters.css';

const route = getRouteApi('/state-machines/$arn');

const ANY = { value: '', label: 'Any status' };
const STATUS_OPTIONS = [ANY, ...STATUSES.map(([value, label]) => ({ value, label }))];
const RELATIVE: readonly DateRangePickerProps.RelativeOption[] = [
  { key: '900', amount: 15, unit: 'minute', type: 'relative' },
  { key: '3600', amount: 1, unit: 'hour', type: 'relative' },
  { key: '86400', amount: 1, unit: 'day', type: 'relative' },
  { key: '604800', amount: 1, unit: 'week', type: 'relative' },
];

/** Name, error, status and time; they stand in the address. */
export function ExecutionFilters({ onChange }: { readonly onChange: () => void }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (changed: FilterSearch) => {
    onChange();
    void navigate({ search: (old) => ({ ...old, ...changed }), replace: true });
  };
  return (
    <div className="filters">
      <TextFilter there={search.q} placeholder="Find executions by name" onChange={(q) => set({ q })} />
      <TextFilter there={search.error} placeholder="Find by error or cause" onChange={(error) => set({ error })} />
      <Select
        ariaLabel="Status"
        selectedOption={STATUS_OPTIONS.find(({ value }) => value === search.status) ?? ANY}
        options={STATUS_OPTIONS}
        onChange={({ detail }) => set({ status: detail.selectedOption.value ?? '' })}
      />
      <DateRangePicker
        value={rangeOf(search)}
        relativeOptions={RELATIVE}
        isValidRange={validity}
        placeholder="Any time"
        expandToViewport
        onChange={({ detail }) => set(searchOf(detail.value))}
        i18nStrings={{ formatRelativeRange: ({ amount, unit }) => `Last ${amount} ${unit}${amount === 1 ? '' : 's'}` }}
      />
    </div>
  );
}

interface TextProps {
  /** As the address has it. */
  readonly there: string | undefined;
  readonly placeholder: string;
  readonly onChange: (text: string) => void;
}

function TextFilter({ there = '', placeholder, onChange }: TextProps) {
  const [text, setText] = useTyped(there, onChange);
  return (
    <Input type="search" value={text} placeholder={placeholder} ariaLabel={placeholder} onChange={({ detail }) => setText(detail.value)} />
  );
}

function rangeOf({ last, after, before }: FilterSearch): DateRangePickerProps.Value | null {
  const seconds = Number(last);
  if (seconds > 0) {
    return RELATIVE.find(({ key }) => key === last) ?? { key: String(seconds), amount: seconds, unit: 'second', type: 'relative' };
  }
  return after === undefined || before === undefined ? null : { type: 'absolute', startDate: after, endDate: before };
}

const UNIT_SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800, month: 2_592_000, year: 31_536_000 };

function searchOf(range: DateRangePickerProps.Value | null): FilterSearch {
  if (range?.type === 'relative') {
    return { last: String(range.amount * UNIT_SECONDS[range.unit]), after: '', before: '' };
  }
  return { last: '', after: range?.startDate ?? '', before: range?.endDate ?? '' };
}

function validity(range: DateRangePickerProps.Value | null): DateRangePickerProps.ValidationResult {
  if (range?.type === 'absolute' && !(Date.parse(range.startDate) < Date.parse(range.endDate))) {
    return { valid: false, errorMessage: 'The range needs a beginning and, after it, an end.' };
  }
  if (range?.type === 'relative' && !(range.amount > 0)) {
    return { valid: false, errorMessage: 'The range needs a length.' };
  }
  return { valid: true };
}
