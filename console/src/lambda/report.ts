/** What a REPORT line tells of an invocation. */
export interface Report {
  readonly seconds?: number;
  readonly billedSeconds?: number;
  /** What the process took to start. */
  readonly initSeconds?: number;
  readonly memory?: string;
  readonly memoryUsed?: string;
}

/** A message with its line breaks: within one, Lambda's runtimes write them as carriage returns. */
export const withBreaks = (message: string): string => message.replace(/\r\n?/g, '\n');

/** Reads the last REPORT line of a log. */
export function reportOf(log: string): Report {
  const line = log.split('\n').findLast((one) => one.startsWith('REPORT ')) ?? '';
  const after = (label: string) => new RegExp(`(?:^|\\t)${label}: ([^\\t]+)`).exec(line.replace(/^REPORT RequestId: \S+\s*/, ''))?.[1]?.trim();
  const found = {
    seconds: secondsOf(after('Duration')),
    billedSeconds: secondsOf(after('Billed Duration')),
    initSeconds: secondsOf(after('Init Duration')),
    memory: after('Memory Size'),
    memoryUsed: after('Max Memory Used'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Of `103.70 ms`. */
function secondsOf(text: string | undefined): number | undefined {
  const milliseconds = /^([\d.]+) ms$/.exec(text ?? '')?.[1];
  return milliseconds === undefined ? undefined : Number(milliseconds) / 1000;
}

/** The instant of `2026-11-26T06:48:14.108+0000`, in seconds since 1970. */
export function instantOf(text: string): number | undefined {
  const milliseconds = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
