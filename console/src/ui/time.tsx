/** `Nov 26, 2026, 04:11:32.120`, in the browser's zone; the tooltip has it in UTC. */
const FORMAT = new Intl.DateTimeFormat('en-US', {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

export function timeText(seconds: number): string {
  return FORMAT.format(new Date(seconds * 1000));
}

/** An instant in seconds since 1970. */
export function Time({ at }: { readonly at: number | undefined }) {
  if (at === undefined) {
    return <>-</>;
  }
  const iso = new Date(at * 1000).toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {timeText(at)}
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
