"""Runs a Python function: asks the Runtime API for events, calls the handler, sends back what it returns or raises.

Errors, logs and the context object have the shapes that Lambda's own Python runtime gives them.
Arguments: the folder for compiled modules.
"""

import decimal
import importlib
import json
import logging
import os
import random
import re
import socket
import sys
import time
import traceback

TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
# Stack traces show where the code lies on AWS, so that errors read the same here and there.
SHOWN_ROOT = "/var/task"
RUNTIME_PATH = "/2018-06-01/runtime"
ASCII_ONLY = os.environ.get("AWS_EXECUTION_ENV", "") in {
    "AWS_Lambda_python3.%d" % minor for minor in range(12)
}
current_request_id = ""


class Fault(Exception):
    """An error that the runtime itself finds: a missing module, a response that is no JSON …"""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind, self.message, self.trace = "Runtime." + kind, message, trace


class RuntimeApi:
    """One kept connection to the Runtime API."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.host = address
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb", 65536)

    def next(self):
        return self._exchange(b"GET %s/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", b"")

    def respond(self, request_id, body, content_type):
        self._post("/invocation/%s/response" % request_id, body, "Content-Type: %s\r\n" % content_type)

    def fail(self, request_id, error):
        self._post("/invocation/%s/error" % request_id, to_json(error).encode(), error_type(error))

    def fail_init(self, error):
        self._post("/init/error", to_json(error).encode(), error_type(error))

    def _post(self, path, body, headers):
        head = "POST %s{} HTTP/1.1\r\nHost: %s\r\n{}Content-Length: {}\r\n\r\n".format(path, headers, len(body))
        self._exchange(head.encode(), body)

    def _exchange(self, head, body):
        head = head % (RUNTIME_PATH.encode(), self.host.encode())
        try:
            if len(body) < 65536:
                self.socket.sendall(head + body)
            else:
                self.socket.sendall(head)
                self.socket.sendall(body)
            return self._answer()
        except OSError:
            # The server has gone, and nobody waits for this process any more.
            os._exit(0)

    def _answer(self):
        if not self.reader.readline():
            os._exit(0)
        headers = {}
        while True:
            line = self.reader.readline().rstrip(b"\r\n")
            if not line:
                break
            name, _, value = line.partition(b":")
            headers[name.strip().lower().decode("latin-1")] = value.strip().decode("utf-8", "replace")
        return headers, self.reader.read(int(headers.get("content-length", "0")))


def error_type(error):
    kind = re.sub("[^A-Za-z0-9_.]", "?", error["errorType"])
    return "Content-Type: application/vnd.aws.lambda.error+json\r\nLambda-Runtime-Function-Error-Type: %s\r\n" % kind


NUMBER_MARK = "number-%016x:" % random.SystemRandom().getrandbits(64)
MARKED_NUMBER = re.compile('"%s([^"]*)"' % NUMBER_MARK)


class Encoder(json.JSONEncoder):
    marked = False

    def default(self, value):
        if isinstance(value, decimal.Decimal):
            if value.is_nan():
                raise ValueError("Out of range float values are not JSON compliant: nan")
            self.marked = True
            return NUMBER_MARK + str(value)
        if isinstance(value, bytes):
            return str(value, "utf-8")
        return super().default(value)


def to_json(value):
    encoder = Encoder(ensure_ascii=ASCII_ONLY, allow_nan=False)
    text = encoder.encode(value)
    return MARKED_NUMBER.sub(r"\1", text) if encoder.marked else text


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None

    def __init__(self, given):
        if given:
            self.cognito_identity_id = given.get("cognitoIdentityId")
            self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, given):
        self.installation_id = given.get("installation_id")
        self.app_title = given.get("app_title")
        self.app_version_name = given.get("app_version_name")
        self.app_version_code = given.get("app_version_code")
        self.app_package_name = given.get("app_package_name")


class ClientContext:
    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        client = given.get("client")
        self.client = Client(client) if client else None


class LambdaContext:
    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        context = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(parse(context, "Client Context")) if context else None
        identity = headers.get("lambda-runtime-cognito-identity")
        self.identity = CognitoIdentity(parse(identity, "Cognito Identity") if identity else None)
        self._deadline_milliseconds = int(headers.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(self._deadline_milliseconds - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        names = (
            "aws_request_id",
            "log_group_name",
            "log_stream_name",
            "function_name",
            "memory_limit_in_mb",
            "function_version",
            "invoked_function_arn",
            "client_context",
            "identity",
        )
        return "LambdaContext([%s])" % ",".join("%s=%s" % (name, getattr(self, name)) for name in names)


def parse(text, what):
    try:
        return json.loads(text)
    except ValueError as error:
        raise Fault("LambdaContextUnmarshalError", "Unable to parse %s JSON: %s" % (what, error))


def load(handler):
    module_name, dot, function_name = handler.rpartition(".")
    if not dot:
        raise Fault(
            "MalformedHandlerName",
            "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % handler,
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (shown(error.filename or ""), error.lineno, error.text)]
        raise Fault("UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    if not hasattr(module, function_name):
        raise Fault(
            "HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name)
        )
    return getattr(module, function_name)


def shown(path):
    return SHOWN_ROOT + path[len(TASK_ROOT) :] if path.startswith(TASK_ROOT + "/") else path


def describe(error, request_id):
    """The error as Lambda's Python runtime reports it."""
    if isinstance(error, Fault):
        kind, message, trace = error.kind, error.message, error.trace or []
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = 0
        while own < len(frames) and frames[own].filename == __file__:
            own += 1
        lines = [(shown(frame.filename), frame.lineno, frame.name, frame.line) for frame in frames[own:]]
        kind, message, trace = type(error).__name__, str(error), traceback.format_list(lines)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def log_error(error):
    lines = ["[ERROR] %s" % error["errorType"] + (": " + error["errorMessage"] if error["errorMessage"] else "")]
    lines.append("Traceback (most recent call last):")
    for element in error["stackTrace"]:
        for line in element.splitlines():
            body = line.lstrip(" ")
            # As in Lambda's logs: one entry whose lines are parted by returns and indented by no-break spaces.
            lines.append("\u00a0" * (len(line) - len(body)) + body)
    sys.stdout.write("\r".join(lines) + "\n")


class LogHandler(logging.Handler):
    def emit(self, record):
        record.aws_request_id = current_request_id
        sys.stdout.write(self.format(record))
        sys.stdout.flush()


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = LogHandler()
    handler.setFormatter(
        logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )
    )
    logging.getLogger().addHandler(handler)


def marshal(response):
    if isinstance(response, bytes):
        return response, "application/unknown"
    try:
        return to_json(response).encode("utf-8", "surrogatepass"), "application/json"
    except Exception as error:
        raise Fault("MarshalError", "Unable to marshal response: %s" % error)


def unmarshal(body):
    try:
        return json.loads(body)
    except Exception as error:
        raise Fault("UnmarshalError", "Unable to unmarshal input: %s" % error)


def handle(api, handler, headers, body):
    global current_request_id
    request_id = current_request_id = headers["lambda-runtime-aws-request-id"]
    trace_id = headers.get("lambda-runtime-trace-id")
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    failure = None
    try:
        context = LambdaContext(headers)
        payload, content_type = marshal(handler(unmarshal(body), context))
    except Exception as error:
        failure = describe(error, request_id)
        log_error(failure)
    # What was logged must have left before the answer does: the log of this invocation ends there.
    flush()
    if failure is None:
        api.respond(request_id, payload, content_type)
    else:
        api.fail(request_id, failure)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass


def main():
    sys.pycache_prefix = sys.argv[1]
    sys.argv = [sys.argv[0]]
    sys.path[0] = TASK_ROOT
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    set_up_logging()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:
        failure = describe(error, "")
        log_error(failure)
        flush()
        api.fail_init(failure)
        sys.exit(1)
    while True:
        headers, body = api.next()
        handle(api, handler, headers, body)


if __name__ == "__main__":
    main()
