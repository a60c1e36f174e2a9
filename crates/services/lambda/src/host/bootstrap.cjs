// Runs a Node.js function: asks the Runtime API for events, calls the handler, sends back what it answers.
//
// Handlers may be async or take a callback, and live in .js, .mjs or .cjs files. As in Lambda's own runtime only the
// first callback counts, an answer by callback waits for the event loop to empty unless
// `context.callbackWaitsForEmptyEventLoop` is false, and an error is sent at once.
'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');
const util = require('util');
const { pathToFileURL } = require('url');

const TASK_ROOT = process.env.LAMBDA_TASK_ROOT;
// Stack traces show where the code lies on AWS, so that errors read the same here and there.
const SHOWN_ROOT = '/var/task';
const RUNTIME_PATH = '/2018-06-01/runtime';
const CALLBACKS_REFUSED =
  Number((/^AWS_Lambda_nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV) || [])[1]) >= 24;

class RuntimeFault extends Error {
  constructor(kind, message) {
    super(message);
    this.name = `Runtime.${kind}`;
  }
}

/** One kept connection to the Runtime API. It keeps the event loop alive only while an exchange is under way. */
class RuntimeApi {
  constructor(address) {
    const [host, port] = address.split(':');
    this.address = address;
    this.chunks = [];
    this.held = 0;
    this.need = 0;
    this.waiting = null;
    this.socket = net.connect({ host, port: Number(port), noDelay: true });
    this.socket.on('data', (chunk) => this.received(chunk));
    // The server has gone, and nobody waits for this process any more.
    this.socket.on('error', () => process.reallyExit(0));
    this.socket.on('close', () => process.reallyExit(0));
    this.socket.unref();
  }

  next(done) {
    this.exchange(`GET ${RUNTIME_PATH}/invocation/next HTTP/1.1\r\nHost: ${this.address}\r\n\r\n`, '', done);
  }

  respond(id, body, done) {
    this.post(`/invocation/${id}/response`, body, 'Content-Type: application/json\r\n', done);
  }

  fail(id, error, done) {
    this.postError(`/invocation/${id}/error`, error, done);
  }

  failInit(error, done) {
    this.postError('/init/error', error, done);
  }

  postError(where, error, done) {
    const kind = String(error.errorType).replace(/[^\x20-\x7e]/g, '?');
    const headers = `Content-Type: application/json\r\nLambda-Runtime-Function-Error-Type: ${kind}\r\n`;
    this.post(where, JSON.stringify(error), headers, done);
  }

  post(where, body, headers, done) {
    const length = Buffer.byteLength(body);
    const head = `POST ${RUNTIME_PATH}${where} HTTP/1.1\r\nHost: ${this.address}\r\n${headers}Content-Length: ${length}\r\n\r\n`;
    this.exchange(head, body, done);
  }

  exchange(head, body, done) {
    const send = () => {
      this.waiting = done;
      this.socket.ref();
      this.socket.write(head + body);
    };
    if (this.waiting) {
      // Two errors at once (an uncaught one while another is being sent): the later one waits.
      const first = this.waiting;
      this.waiting = (...answer) => {
        first(...answer);
        send();
      };
    } else {
      send();
    }
  }

  received(chunk) {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held < this.need) {
      return;
    }
    const all = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    this.chunks = [all];
    const headEnd = all.indexOf('\r\n\r\n');
    if (headEnd < 0) {
      return;
    }
    const headers = {};
    for (const line of all.toString('utf8', 0, headEnd).split('\r\n').slice(1)) {
      const colon = line.indexOf(':');
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const end = headEnd + 4 + Number(headers['content-length'] || 0);
    if (all.length < end) {
      this.need = end;
      return;
    }
    const body = all.toString('utf8', headEnd + 4, end);
    const rest = all.subarray(end);
    this.chunks = rest.length ? [rest] : [];
    this.held = rest.length;
    this.need = 0;
    const done = this.waiting;
    this.waiting = null;
    this.socket.unref();
    if (done) {
      done(headers, body);
    }
  }
}

function shown(text) {
  return text.split(TASK_ROOT + '/').join(SHOWN_ROOT + '/').split(__filename).join('/var/runtime/index.mjs');
}

function describe(error) {
  try {
    const named =
      error && error.name && error.message && error.stack &&
      [error.name, error.message, error.stack].every((part) => typeof part === 'string');
    if (util.types.isNativeError(error) || named) {
      return { errorType: error.name, errorMessage: shown(error.message), trace: shown(error.stack).split('\n') };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch (_unreadable) {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    };
  }
}

let currentRequestId = '';

function write(level, text) {
  const line = `${new Date().toISOString()}\t${currentRequestId || 'undefined'}\t${level}\t${text.replace(/\n/g, '\r')}\n`;
  try {
    fs.writeSync(1, line);
  } catch (error) {
    // A full pipe whose reader is behind: the stream waits where a plain write can't.
    process.stdout.write(line);
  }
}

function setUpConsole() {
  const levels = { log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', debug: 'DEBUG', trace: 'TRACE' };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...values) => write(level, util.format(...values));
  }
  console.fatal = (...values) => write('FATAL', util.format(...values));
}

function logError(what, error) {
  const properties = (_key, value) =>
    value instanceof Error
      ? {
          errorType: value.name,
          errorMessage: value.message,
          code: value.code,
          ...value,
          stack: typeof value.stack === 'string' ? shown(value.stack).split('\n') : undefined,
        }
      : value;
  let text;
  try {
    text = JSON.stringify(error, properties);
  } catch (_unwritable) {
    text = JSON.stringify(describe(error));
  }
  write('ERROR', `${what} \t${text}`);
}

function nearestPackageIsModule(folder) {
  for (;;) {
    if (folder.endsWith('/node_modules')) {
      return false;
    }
    const file = path.join(folder, 'package.json');
    if (fs.existsSync(file)) {
      try {
        return JSON.parse(fs.readFileSync(file, 'utf8')).type === 'module';
      } catch (error) {
        console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
        return false;
      }
    }
    const parent = path.dirname(folder);
    if (parent === folder) {
      return false;
    }
    folder = parent;
  }
}

async function loadModule(file, name) {
  const isModule = nearestPackageIsModule(path.dirname(file));
  const candidates = [
    ['', 'require'],
    ['.js', isModule ? 'import' : 'require'],
    ['.mjs', 'import'],
    ['.cjs', 'require'],
  ];
  for (const [extension, how] of candidates) {
    const candidate = file + extension;
    if (fs.existsSync(candidate) && fs.statSync(candidate).isFile()) {
      return how === 'import' ? await import(pathToFileURL(candidate).href) : require(candidate);
    }
  }
  return require(require.resolve(name, { paths: [TASK_ROOT, path.dirname(file)] }));
}

async function load(handler) {
  if (handler.includes('..')) {
    throw new RuntimeFault(
      'MalformedHandlerName',
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(handler);
  const folder = handler.slice(0, handler.indexOf(base));
  const match = /^([^.]*)\.(.*)$/.exec(base);
  if (!match) {
    throw new RuntimeFault('MalformedHandlerName', 'Bad handler');
  }
  let loaded;
  try {
    loaded = await loadModule(path.resolve(TASK_ROOT, folder, match[1]), match[1]);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new RuntimeFault('UserCodeSyntaxError', String(error));
    }
    if (error && error.code === 'MODULE_NOT_FOUND') {
      throw new RuntimeFault('ImportModuleError', String(error));
    }
    throw error;
  }
  const found = match[2].split('.').reduce((object, key) => object && object[key], loaded);
  if (!found) {
    throw new RuntimeFault('HandlerNotFound', `${handler} is undefined or not exported`);
  }
  if (typeof found !== 'function') {
    throw new RuntimeFault('HandlerNotFound', `${handler} is not a function`);
  }
  if (CALLBACKS_REFUSED && found.length >= 3 && found.constructor.name !== 'AsyncFunction') {
    throw new RuntimeFault(
      'CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  }
  return found;
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const json = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  return {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: json('lambda-runtime-client-context'),
    identity: json('lambda-runtime-cognito-identity'),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
  };
}

// What happens when the event loop is empty; the invocation in hand decides.
let whenIdle = () => {};
let onFatal = null;

function handle(api, handler, headers, body) {
  const id = headers['lambda-runtime-aws-request-id'];
  currentRequestId = id;
  if (headers['lambda-runtime-trace-id']) {
    process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  } else {
    delete process.env._X_AMZN_TRACE_ID;
  }
  const goOn = () => setImmediate(() => poll(api, handler));

  let answered = false;
  const fail = (error) => {
    if (answered) {
      return;
    }
    answered = true;
    whenIdle = () => {};
    logError('Invoke Error', error);
    api.fail(id, describe(error), goOn);
  };
  const succeed = (result) => {
    if (answered) {
      return;
    }
    let text;
    try {
      text = JSON.stringify(result === undefined ? null : result);
    } catch (_unwritable) {
      fail(new Error('Unable to stringify response body'));
      return;
    }
    answered = true;
    whenIdle = () => {};
    // A function or a symbol has no JSON.
    api.respond(id, text === undefined ? 'null' : text, goOn);
  };

  let waitsForEmptyEventLoop = true;
  let called = false;
  const first = (act) => (...values) => {
    if (!called) {
      called = true;
      act(...values);
    }
  };
  const given = (error) => error !== undefined && error !== null;
  const callback = first((error, result) => {
    if (given(error)) {
      fail(error);
    } else if (waitsForEmptyEventLoop) {
      whenIdle = () => setImmediate(() => succeed(result));
    } else {
      succeed(result);
    }
  });
  const context = contextOf(headers);
  Object.defineProperty(context, 'callbackWaitsForEmptyEventLoop', {
    enumerable: true,
    get: () => waitsForEmptyEventLoop,
    set: (value) => {
      waitsForEmptyEventLoop = value;
    },
  });
  context.done = first((error, result) => (given(error) ? fail(error) : succeed(result)));
  context.succeed = first((result) => succeed(result));
  context.fail = first((error) => fail(given(error) ? error : 'handled'));

  onFatal = (error, status) => {
    if (answered) {
      logError('Uncaught Exception', error);
      process.exit(status);
    }
    answered = true;
    logError(status === 128 ? 'Unhandled Promise Rejection' : 'Uncaught Exception', error);
    api.fail(id, describe(error), () => process.exit(status));
  };
  whenIdle = () => {
    if (handler.constructor.name === 'AsyncFunction') {
      fail(
        new RuntimeFault(
          'NodeJsExit',
          'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
        ),
      );
    } else {
      succeed(null);
    }
  };

  try {
    const result = handler(JSON.parse(body), context, callback);
    if (result && typeof result.then === 'function') {
      result.then(context.succeed, context.fail);
    }
  } catch (error) {
    callback(error);
  }
}

function poll(api, handler) {
  currentRequestId = '';
  onFatal = null;
  api.next((headers, body) => handle(api, handler, headers, body));
}

class UnhandledPromiseRejection extends RuntimeFault {
  constructor(reason) {
    super('UnhandledPromiseRejection', reason instanceof Error ? String(reason) : util.format(reason));
    this.reason = reason;
  }
}

async function main() {
  setUpConsole();
  const api = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API);
  const failInit = (error, status) => {
    logError(status === 128 ? 'Unhandled Promise Rejection' : 'Uncaught Exception', error);
    api.failInit(describe(error), () => process.exit(status));
  };
  process.on('beforeExit', () => whenIdle());
  process.on('uncaughtException', (error) => (onFatal || failInit)(error, 129));
  process.on('unhandledRejection', (reason) => (onFatal || failInit)(new UnhandledPromiseRejection(reason), 128));
  let handler;
  try {
    handler = await load(process.env._HANDLER);
  } catch (error) {
    failInit(error, 129);
    return;
  }
  poll(api, handler);
}

main();
