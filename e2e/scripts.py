"""Plays a script of conformance/ against the built server, in an account of its own (conformance/README.md)."""
import base64
import datetime
import json
import re
import time

import botocore.exceptions
from botocore import xform_name

from harness import ACCOUNT, until

DETAIL_CHARACTERS_MAX = 400
ANYTHING, ABSENT = "⟦*⟧", "⟦absent⟧"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/role"
ACTIVITY = f"arn:aws:states:us-east-1:{ACCOUNT}:activity:worker"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
REFERENCE = re.compile(r"\$\{(\w+)(?::([^}]+))?\}")
TOKEN = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")


class Account:
    """AWS for one script: its number stands where the script says 000000000000, in calls and in answers."""

    def __init__(self, canter, number):
        self.canter, self.number, self.clients = canter, number, {}

    def client(self, service):
        if service not in self.clients:
            self.clients[service] = self.canter.client(service, account=self.number, inject_host_prefix=False)
        return self.clients[service]

    def call(self, service, operation, parameters):
        client = self.client(service)
        shape = client.meta.service_model.operation_model(operation).input_shape
        given = written(json.loads(json.dumps(parameters).replace(ACCOUNT, self.number)), shape)
        return self.read(getattr(client, xform_name(operation))(**given))

    def states(self, operation, **parameters):
        return self.call("stepfunctions", operation, parameters)

    def read(self, answer):
        return json.loads(json.dumps(answer, default=plain).replace(self.number, ACCOUNT))


def written(value, shape):
    """A script's value as boto3 takes it: what is to be a text may stand there as JSON."""
    if isinstance(value, dict) and "$long" in value:
        value = value.get("of", "x") * value["$long"]
    if shape.type_name == "structure" and isinstance(value, dict):
        members = shape.members
        return {key: written(member, members[key]) if key in members else member for key, member in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [written(item, shape.member) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: written(member, shape.value) for key, member in value.items()}
    if isinstance(value, dict) and "$bytes_base64" in value:
        return base64.b64decode(value["$bytes_base64"])
    if shape.type_name in ("string", "blob") and not isinstance(value, str):
        return compact(value)
    return value


def compact(value):
    return json.dumps(grown(value), ensure_ascii=False, separators=(",", ":"))


def grown(value):
    if isinstance(value, dict):
        if "$long" in value:
            return value.get("of", "x") * value["$long"]
        return {key: grown(member) for key, member in value.items()}
    return [grown(item) for item in value] if isinstance(value, list) else value


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if hasattr(value, "read"):
        value = value.read()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


# Scripts of the engine: an execution, what the world does to it, its history.


def play_engine(script, account):
    """What is different about the execution's history; an empty list if nothing is."""
    if ACTIVITY in json.dumps(script["definition"]):
        account.states("CreateActivity", name="worker")
    machine = account.states("CreateStateMachine", name="machine", roleArn=ROLE, definition=script["definition"])
    execution = account.states(
        "StartExecution", stateMachineArn=machine["stateMachineArn"], name="name", input=compact(script["input"]),
    )["executionArn"]
    tasks = []
    for act in script.get("world", []):
        perform(act, account, execution, tasks, script["history"])
    until(lambda: account.states("DescribeExecution", executionArn=execution), lambda seen: seen["status"] != "RUNNING")
    return differing(script, history(account, execution, script.get("last")))


def perform(act, account, execution, tasks, expected):
    task = act.get("nth", 0)
    if "taken" in act:
        taken = account.states("GetActivityTask", activityArn=ACTIVITY, workerName=act["taken"])
        # In the place of one that timed out, if there is one.
        tasks[task : task + 1] = [taken["taskToken"]]
    elif "succeeded" in act:
        account.states("SendTaskSuccess", taskToken=tasks.pop(task), output=compact(act["succeeded"]))
    elif "failed" in act:
        account.states("SendTaskFailure", taskToken=tasks.pop(task), **act["failed"])
    elif "heartbeat" in act:
        account.states("SendTaskHeartbeat", taskToken=tasks[task])
    elif "stop" in act:
        before = next(place for place, line in enumerate(expected) if "Aborted" in line)
        until(lambda: history(account, execution), lambda lines: len(lines) >= before)
        account.states("StopExecution", executionArn=execution, **act["stop"])
    elif "pass_seconds" in act:
        time.sleep(act["pass_seconds"])
    else:
        assert "timer" in act, f"{act} can't be done from outside"


def history(account, execution, last=None):
    if last:
        page = account.states("GetExecutionHistory", executionArn=execution, maxResults=last, reverseOrder=True)
        return [line(event) for event in reversed(page["events"])]
    events, page = [], {"nextToken": None}
    while "nextToken" in page:
        more = {"nextToken": page["nextToken"]} if events else {}
        page = account.states("GetExecutionHistory", executionArn=execution, maxResults=1000, **more)
        events += page["events"]
    return [line(event) for event in events]


def line(event):
    """An event as crates/engine/tests/scripts.rs writes it."""
    text = f"{event['id']} {event['previousEventId']} {event['type']}"
    for name, details in event.items():
        if name.endswith("EventDetails"):
            kept = {key: value for key, value in details.items() if key != "roleArn" and value != {"truncated": False}}
            text += " " + compact(kept)[:DETAIL_CHARACTERS_MAX]
    return text


def differing(script, seen):
    equal = [made_equal(script, line) for line in script["history"]], [made_equal(script, line) for line in seen]
    if equal[0] == equal[1]:
        return []
    pairs = zip(*(lines + [""] * (max(map(len, equal)) - len(lines)) for lines in equal))
    return [f"expected {one}\n     but was {other}" for one, other in pairs if one != other]


def made_equal(script, line):
    """Without what must differ from run to run: instants, UUIDs, and task tokens where the script shows them."""
    line = UUID.sub("⟦uuid⟧", INSTANT.sub("⟦instant⟧", line))
    return TOKEN.sub("⟦token⟧", line) if "Task.Token" in json.dumps(script["definition"]) else line


# Scripts of the API: calls and their answers.


def play_api(script, account):
    """What is different about the answers; an empty list if nothing is."""
    answers = {}
    for number, step in enumerate(script["steps"]):
        for turn in range(step.get("times", 1)):
            answer, differences = play_step(step, account, answers | {"turn": turn})
            if differences:
                return [f"step {number}, {step['op']}: {difference}" for difference in differences]
        answers[step.get("as")] = answer
    return []


def play_step(step, account, answers):
    """The answer, and what is different about it."""
    expected = {"Error": ABSENT} | bound(step.get("expect", {}), answers)

    def look():
        answer = asked(step, account, answers)
        return answer, compare(expected, answer)

    return until(look, lambda seen: not seen[1], seconds_max=20) if step.get("until") else look()


def asked(step, account, answers):
    try:
        return account.call(step.get("service", "stepfunctions"), step["op"], bound(step.get("params", {}), answers))
    except botocore.exceptions.ClientError as error:
        return account.read(error.response)


def bound(value, answers):
    """With the parts of earlier answers that `${name:path}` asks for; `${turn}` counts the repetitions."""
    if isinstance(value, dict):
        return {key: bound(member, answers) for key, member in value.items()}
    if isinstance(value, list):
        return [bound(item, answers) for item in value]
    if not isinstance(value, str):
        return value
    if whole := REFERENCE.fullmatch(value):
        return part(answers[whole[1]], whole[2] or "")
    return REFERENCE.sub(lambda found: str(part(answers[found[1]], found[2] or "")), value)


def part(value, path):
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        value = json.loads(value) if isinstance(value, str) else value
        value = value[int(index)] if index else value[name]
    return value


def compare(expected, actual, path="$", whole=False):
    """The differences. Of an answer only the members that are named count, of JSON in a text all."""
    if isinstance(actual, str) and not isinstance(expected, str):
        try:
            return compare(expected, json.loads(actual), path, whole=True)
        except ValueError:
            return [f"{path}: expected {expected!r} but was {actual!r}"]
    if isinstance(expected, dict) and isinstance(actual, dict):
        more = [key for key in actual if whole and key not in expected]
        differences = [f"{path}.{key}: not expected: {actual[key]!r}" for key in more]
        for key, value in expected.items():
            if value == ABSENT or key not in actual:
                if (value == ABSENT) == (key in actual):
                    differences.append(f"{path}.{key}: expected {value!r} but was {actual.get(key, ABSENT)!r}")
            else:
                differences += compare(value, actual[key], f"{path}.{key}", whole)
        return differences
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual))
        return [found for place, pair in pairs for found in compare(*pair, f"{path}[{place}]", whole)]
    return [] if same(expected, actual) else [f"{path}: expected {expected!r} but was {actual!r}"]


def same(expected, actual):
    if expected == ANYTHING:
        return True
    if isinstance(expected, str) and isinstance(actual, str):
        pieces = map(re.escape, expected.split(ANYTHING))
        return re.fullmatch(".*".join(pieces), actual, re.DOTALL) is not None
    return expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
