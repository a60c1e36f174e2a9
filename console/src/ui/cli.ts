/** One call of the AWS CLI. */
export interface CliCall {
  /** As the CLI names it: `stepfunctions`. */
  readonly service: string;
  /** The API's name: `StartExecution`. */
  readonly operation: string;
  readonly input: object;
  readonly endpoint: string;
  readonly region: string;
}

/**
 * The command for a POSIX shell that does the same as the console's button.
 *
 * It names endpoint and region and no key: the CLI takes that from its profile or environment.
 */
export function awsCommand({ service, operation, input, endpoint, region }: CliCall): string {
  const options = Object.entries(input).filter(([, value]) => value !== undefined) as [string, unknown][];
  const written = options.some(([, value]) => isParameterFile(value))
    ? [`--cli-input-json ${quote(JSON.stringify(Object.fromEntries(options)))}`]
    : options.map(([name, value]) => option(name, value));
  const where = [`--endpoint-url ${quote(endpoint.replace(/\/$/, ''))}`, `--region ${quote(region)}`];
  return [`aws ${service} ${kebab(operation)}`, ...where, ...written].join(' \\\n  ');
}

/** The command of these words, which stand after `aws`. */
export function awsWords(words: readonly string[], endpoint: string, region: string): string {
  const where = ['--endpoint-url', endpoint.replace(/\/$/, ''), '--region', region];
  return ['aws', ...words, ...where].map(quote).join(' ');
}

/** A word that a POSIX shell reads as exactly this text. */
export function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The CLI's name for an API's: `stateMachineArn` → `state-machine-arn`, `S3Bucket` → `s3-bucket`. */
export function kebab(name: string): string {
  return name
    .replace(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();
}

function option(name: string, value: unknown): string {
  const flag = kebab(name);
  if (typeof value === 'boolean') {
    return value ? `--${flag}` : `--no-${flag}`;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // What begins with a dash would be read as an option of its own.
  return text.startsWith('-') ? `--${flag}=${quote(text)}` : `--${flag} ${quote(text)}`;
}

/** The CLI would read the file instead of the text, and its first version the page. */
function isParameterFile(value: unknown): boolean {
  return typeof value === 'string' && /^(fileb?|https?):\/\//.test(value);
}
