/** What the server answered instead of a result, in its own words. */
export class AwsError extends Error {
  override readonly name = 'AwsError';

  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly requestId: string,
    readonly operation: string,
  ) {
    super(message === '' ? code : message);
  }

  /** Whether it asks for other credentials, not for another request. */
  get refusesCaller(): boolean {
    return REFUSALS.has(this.code);
  }

  /** Whether the same request may succeed a little later. */
  get isThrottle(): boolean {
    return this.status === 429 || this.status === 503 || /thrott|too.?many.?requests|slow.?down/i.test(this.code);
  }
}

/** No answer: the server is not there, or the connection broke. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';

  constructor(
    readonly operation: string,
    options?: ErrorOptions,
  ) {
    super('The server does not answer.', options);
  }
}

/** No answer within the time that the call allows. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor(
    readonly operation: string,
    seconds: number,
  ) {
    super(`${operation} was not answered within ${seconds} seconds.`);
  }
}

const REFUSALS = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** `com.amazonaws.states#InvalidArn:http://…` → `InvalidArn`. */
export function shortCode(code: string): string {
  const afterNamespace = code.slice(code.indexOf('#') + 1);
  return afterNamespace.split(':')[0] ?? afterNamespace;
}
