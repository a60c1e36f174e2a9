/** What a REPORT line tells of an invocation. */
export interface Report {
  readonly duration?: string;
  readonly billed?: string;
  readonly memory?: string;
  readonly memoryUsed?: string;
  readonly init?: string;
}

/** Reads the last REPORT line of a log. */
export function reportOf(log: string): Report {
  const line = log.split('\n').findLast((one) => one.startsWith('REPORT ')) ?? '';
  const after = (label: string) => new RegExp(`(?:^|\\t)${label}: ([^\\t]+)`).exec(line.replace(/^REPORT RequestId: \S+\s*/, ''))?.[1]?.trim();
  const found = {
    duration: after('Duration'),
    billed: after('Billed Duration'),
    memory: after('Memory Size'),
    memoryUsed: after('Max Memory Used'),
    init: after('Init Duration'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The instant of `2026-11-26T06:48:14.108+0000`, in seconds since 1970. */
export function instantOf(text: string): number | undefined {
  const milliseconds = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}
