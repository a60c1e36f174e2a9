import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { awsCommand, kebab, quote } from './cli';

const at = { endpoint: 'http://127.0.0.1:4566/', region: 'eu-west-1' };

/** What a shell hands to the program. */
function words(command: string): string[] {
  const script = `aws() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

describe('quote', () => {
  it('leaves plain words alone', () => {
    expect(quote('arn:aws:states:eu-west-1:000000000000:stateMachine:a')).not.toContain("'");
  });

  it.each(["it's", '$HOME `id` "x"', 'a\nb', '', '*', '{"a": "\\n"}', '!x', "''", '~', 'Ω'])(
    'hands %j to the program unchanged',
    (text) => {
      expect(words(`aws ${quote(text)}`)).toEqual([text]);
    },
  );
});

describe('kebab', () => {
  it.each([
    ['stateMachineArn', 'state-machine-arn'],
    ['StartExecution', 'start-execution'],
    ['S3Bucket', 's3-bucket'],
    ['ListStateMachines', 'list-state-machines'],
    ['SSEKMSKeyId', 'ssekms-key-id'],
  ])('names %s as the CLI does', (name, expected) => {
    expect(kebab(name)).toBe(expected);
  });
});

describe('awsCommand', () => {
  it('writes one option a member', () => {
    const input = { stateMachineArn: 'arn:x', name: undefined, input: `{"a": "it's"}`, publish: true, tags: [{ key: 'a' }] };
    const command = awsCommand({ ...at, service: 'stepfunctions', operation: 'StartExecution', input });
    expect(words(command)).toEqual([
      'stepfunctions',
      'start-execution',
      '--endpoint-url',
      'http://127.0.0.1:4566',
      '--region',
      'eu-west-1',
      '--state-machine-arn',
      'arn:x',
      '--input',
      `{"a": "it's"}`,
      '--publish',
      '--tags',
      '[{"key":"a"}]',
    ]);
  });

  it('keeps a value that begins with a dash to its option', () => {
    const command = awsCommand({ ...at, service: 'stepfunctions', operation: 'StopExecution', input: { cause: '-- no' } });
    expect(words(command).at(-1)).toBe('--cause=-- no');
  });

  it.each(['file://a', 'fileb://a', 'https://a'])('hands over a text that the CLI would read from elsewhere: %s', (cause) => {
    const command = awsCommand({ ...at, service: 'stepfunctions', operation: 'StopExecution', input: { cause } });
    expect(words(command).slice(-2)).toEqual(['--cli-input-json', JSON.stringify({ cause })]);
  });
});
