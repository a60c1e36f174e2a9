const FIELDS = {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
} as const;
const TO_SECONDS = new Intl.DateTimeFormat('en-US', FIELDS);
const TO_MILLISECONDS = new Intl.DateTimeFormat('en-US', { ...FIELDS, fractionalSecondDigits: 3 });

/** `Nov 26, 2026, 04:11:32`, in the browser's zone; `precise`: `…:32.120`, for what happens in executions and logs. */
export function timeText(seconds: number, precise = false): string {
  return (precise ? TO_MILLISECONDS : TO_SECONDS).format(new Date(seconds * 1000));
}

interface Props {
  /** In seconds since 1970. */
  readonly at: number | undefined;
  readonly precise?: boolean;
}

/** An instant; the tooltip has it in UTC, to the millisecond. */
export function Time({ at, precise = false }: Props) {
  if (at === undefined) {
    return <>-</>;
  }
  const iso = new Date(at * 1000).toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {timeText(at, precise)}
    </time>
  );
}

/** `00:01:02.345`; days are hours. */
export function durationText(seconds: number): string {
  const milliseconds = Math.max(0, Math.round(seconds * 1000));
  const pad = (value: number, width = 2) => String(Math.floor(value)).padStart(width, '0');
  const [h, m, s] = [milliseconds / 3_600_000, (milliseconds / 60_000) % 60, (milliseconds / 1000) % 60];
  return `${pad(h)}:${pad(m)}:${pad(s)}.${pad(milliseconds % 1000, 3)}`;
}
