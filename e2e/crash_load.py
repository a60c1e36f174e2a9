"""The clients of the crash test, which note what was acknowledged to them."""
import collections
import io
import json
import random
import threading
import time
import uuid
import zipfile

import botocore.exceptions
import botocore.parsers

from crash_machines import ACTIVITY, CODE, CSV, arn, machines
from harness import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"
ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")

class Ledger:
    """What clients were told, and what they asked without an answer. All members under one lock."""

    def __init__(self):
        self.lock = threading.Lock()
        self.executions = {}  # ARN → Execution
        self.answers = collections.defaultdict(list)  # ARN → (output, whether SendTaskSuccess was acknowledged)
        self.sent = set()  # bodies of messages that SQS accepted
        self.received = collections.Counter()
        self.items = {}  # key → value whose write was acknowledged
        self.objects = {}
        self.counted = [0, 0]  # additions to one counter: acknowledged, asked for
        self.made = set()  # ARNs of state machines whose creation was acknowledged
        self.faults = []
        self.calls = collections.Counter()

    def fault(self, text, execution=None):
        with self.lock:
            self.faults.append((text, execution))


class Execution:
    """One that StartExecution acknowledged."""

    def __init__(self, kind, n, name):
        self.kind, self.n, self.name, self.input = kind, n, name, json.dumps({"n": n})
        self.arn = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{kind}:{name}"
        self.stopped = False  # StopExecution was acknowledged
        self.looking = threading.Lock()
        self.shown = []  # events that GetExecutionHistory has shown
        self.ended = False

    def __repr__(self):
        return self.arn


# What boto3 says when a connection breaks or an answer is cut.
GONE = (botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError, botocore.parsers.ResponseParserError)


class Lost(Exception):
    """The server went before it answered: nobody knows whether it happened."""


class Clients:
    """Threads that work against one server while it dies and comes again, until `stop`."""

    def __init__(self, canter, ledger, seed):
        self.canter, self.ledger, self.seed = canter, ledger, seed
        self.stopping = threading.Event()
        self.plan = collections.deque()  # (kind, n) still to be started
        self.starting = set()  # executions whose start, or stop, is not acknowledged yet
        self.threads, self.local = [], threading.local()
        self.running = True  # new work is asked for

    def lay_out(self):
        """Everything the load needs, before the first crash."""
        s3, sqs, dynamodb = (self.client(name) for name in ("s3", "sqs", "dynamodb"))
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="rows.csv", Body=CSV)
        urls = [sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
                for name in ("asked", "inbox")]
        self.asked, self.inbox = urls
        dynamodb.create_table(
            TableName="kept", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("main.py", CODE)
        self.client("lambda").create_function(
            FunctionName="work", Runtime="python3.12", Handler="main.handler", Role=ROLE, Timeout=30,
            Code={"ZipFile": package.getvalue()},
            Environment={"Variables": {"EFFECTS": str(self.canter.folder / "effects")}})
        states = self.client("stepfunctions")
        states.create_activity(name="desk")
        for name, definition in machines("kept", *urls).items():
            states.create_state_machine(name=name, roleArn=ROLE, definition=json.dumps(definition))

    def client(self, service):
        """A client of the calling thread: its connections die with the server, its address stays."""
        clients = self.local.__dict__.setdefault("clients", {})
        if service not in clients:
            with self.ledger.lock:  # boto3's loader of models is not for several threads
                clients[service] = self.canter.client(service)
        return clients[service]

    def call(self, service, operation, **parameters):
        """The answer; `Lost` when there was none, or one of a server that is going or coming."""
        try:
            answer = getattr(self.client(service), operation)(**parameters)
        except botocore.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                raise Lost from error
            raise
        except GONE as error:
            raise Lost from error
        with self.ledger.lock:
            self.ledger.calls[f"{service}.{operation}"] += 1
        return answer

    def start(self):
        workers = [self.starts] * 3 + [self.answers, self.desk, self.receives, self.writes, self.counts, self.watches]
        for number, worker in enumerate(workers):
            chance = random.Random(f"{self.seed}/{number}")
            self.threads.append(threading.Thread(target=self.loop, args=(worker, chance), daemon=True))
            self.threads[-1].start()

    def loop(self, worker, chance):
        while not self.stopping.is_set():
            try:
                worker(chance)
            except Lost:
                time.sleep(0.01)
            except Exception as error:  # whatever it is, it belongs into the report
                self.ledger.fault(f"{worker.__name__}: {type(error).__name__}: {error}")
                time.sleep(0.1)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(10)

    def starts(self, chance):
        try:
            kind, n = self.plan.popleft()
        except IndexError:
            time.sleep(0.01)
            return
        made = Execution(kind, n, f"{kind}-{uuid.UUID(int=chance.getrandbits(128))}")
        self.starting.add(made)
        # Who gets no answer asks again, until there is one: the same name and input never start a second execution.
        exists = self.client("stepfunctions").exceptions.ExecutionAlreadyExists
        self.insist("start_execution", exists, stateMachineArn=arn(kind), name=made.name, input=made.input)
        with self.ledger.lock:
            self.ledger.executions[made.arn] = made
        time.sleep(chance.uniform(0, 0.15))
        if kind == "held":
            self.insist("stop_execution", (), executionArn=made.arn, error="Enough", cause="of it")
            made.stopped = True
        self.starting.discard(made)

    def insist(self, operation, done, **parameters):
        """Calls until there is an answer; an error in `done` says that an earlier call had come through."""
        while not self.stopping.is_set():
            try:
                return self.call("stepfunctions", operation, **parameters)
            except Lost:
                time.sleep(0.01)
            except done:
                return None
        raise Lost

    def answers(self, chance):
        """Answers the tasks that wait for a token from the queue."""
        messages = self.call("sqs", "receive_message", QueueUrl=self.asked, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in messages.get("Messages", []):
            asked = json.loads(message["Body"])
            self.succeed(asked["token"], asked, chance)
            self.call("sqs", "delete_message", QueueUrl=self.asked, ReceiptHandle=message["ReceiptHandle"])

    def desk(self, chance):
        """An activity's worker."""
        taken = self.call("stepfunctions", "get_activity_task", activityArn=ACTIVITY, workerName="worker")
        if taken.get("taskToken"):
            self.succeed(taken["taskToken"], json.loads(taken["input"]), chance)

    def succeed(self, token, asked, chance):
        output = {"n": asked["n"], "by": str(uuid.UUID(int=chance.getrandbits(128)))}
        gone = self.client("stepfunctions").exceptions
        acknowledged = False
        while not (acknowledged or self.stopping.is_set()):
            try:
                self.call("stepfunctions", "send_task_success", taskToken=token, output=json.dumps(output))
                acknowledged = True
            except (gone.TaskTimedOut, gone.TaskDoesNotExist):
                return
            except Lost:
                time.sleep(0.01)
            with self.ledger.lock:
                self.ledger.answers[asked["execution"]].append((output, acknowledged))

    def receives(self, _chance):
        messages = self.call("sqs", "receive_message", QueueUrl=self.inbox, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        with self.ledger.lock:
            self.ledger.received.update(message["Body"] for message in messages.get("Messages", []))
        for message in messages.get("Messages", []):
            self.call("sqs", "delete_message", QueueUrl=self.inbox, ReceiptHandle=message["ReceiptHandle"])

    def writes(self, chance):
        """One message, one item, one object and one state machine of its own."""
        if not self.running:
            time.sleep(0.01)
            return
        key, value = str(uuid.UUID(int=chance.getrandbits(128))), chance.getrandbits(32)
        self.call("sqs", "send_message", QueueUrl=self.inbox, MessageBody=key)
        with self.ledger.lock:
            self.ledger.sent.add(key)
        self.call("dynamodb", "put_item", TableName="kept", Item={"id": {"S": key}, "n": {"N": str(value)}})
        with self.ledger.lock:
            self.ledger.items[key] = value
        body = str(value) * chance.randrange(1, 5000)
        self.call("s3", "put_object", Bucket="kept", Key=key, Body=body)
        with self.ledger.lock:
            self.ledger.objects[key] = body
        definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
        made = self.call("stepfunctions", "create_state_machine", name=key, roleArn=ROLE, definition=definition)
        with self.ledger.lock:
            self.ledger.made.add(made["stateMachineArn"])
        time.sleep(chance.uniform(0, 0.2))

    def counts(self, chance):
        """Adds to one counter; an addition without an answer may have happened."""
        if not self.running:
            time.sleep(0.01)
            return
        with self.ledger.lock:
            self.ledger.counted[1] += 1
        self.call("dynamodb", "update_item", TableName="kept", Key={"id": {"S": "counter"}},
                  UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}})
        with self.ledger.lock:
            self.ledger.counted[0] += 1
        time.sleep(chance.uniform(0, 0.05))

    def watches(self, chance):
        """Reads histories again and again: what was shown once stays, crash or no crash."""
        with self.ledger.lock:
            open_ = [execution for execution in self.ledger.executions.values() if not execution.ended]
        if not open_:
            time.sleep(0.01)
            return
        execution = chance.choice(open_)
        self.look(execution)

    def look(self, execution):
        """Reads the history and compares it with what was shown of it before; one thread at a time."""
        with execution.looking:
            seen, token = [], {}
            while True:
                page = self.call(
                    "stepfunctions", "get_execution_history", executionArn=execution.arn, maxResults=1000, **token)
                seen += page["events"]
                if "nextToken" not in page:
                    break
                token = {"nextToken": page["nextToken"]}
            before = execution.shown
            if seen[: len(before)] != before:
                self.ledger.fault(f"a history does not begin as it was shown before, with {before}", execution)
            execution.shown = seen
            execution.ended = seen[-1]["type"] in ENDS
