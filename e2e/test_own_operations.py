"""Canter's own operations, as any client can call them: signed by botocore, sent by urllib or curl."""
import contextlib
import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness import ACCOUNT, REGION, SECONDS_MAX, WithCanter

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"
EVENTS = "/_canter/execution-events"
LIST = "/_canter/state-machine-events"


def signed(method, url, body=b"", headers=None):
    """The headers of a request, signed for Step Functions."""
    request = AWSRequest(method, url, data=body, headers=headers or {})
    SigV4Auth(Credentials("test", "test"), "states", REGION).add_auth(request)
    return dict(request.headers)


class OwnOperations(WithCanter):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.states = cls.canter.client("stepfunctions", inject_host_prefix=False)

    def call(self, operation, **body):
        """The answer, or the refusal's code."""
        headers = {"X-Amz-Target": f"Canter_20261126.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        body = json.dumps(body).encode()
        url = self.canter.url + "/"
        request = urllib.request.Request(url, body, signed("POST", url, body, headers))
        try:
            with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return json.load(refused)["__type"]

    def machine(self, name, definition):
        created = self.states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
        return created["stateMachineArn"]

    def execution(self, machine, data, name=None):
        named = {"name": name} if name else {}
        return self.states.start_execution(stateMachineArn=machine, input=json.dumps(data), **named)["executionArn"]

    def ended(self, machine, data, name=None):
        execution = self.execution(machine, data, name)
        self.canter.outcome(execution)
        return execution

    def inspect(self, execution, state, nth=0):
        """The n-th visit of a state."""
        entered = [event["id"] for event in self.canter.history(execution)
                   if event.get("stateEnteredEventDetails", {}).get("name") == state]
        answer = self.call("InspectState", executionArn=execution, eventId=entered[nth])
        self.assertIsInstance(answer, dict, answer)
        return answer

    def stages(self, answer):
        members = answer["inspectionData"].items()
        return {name: json.loads(stage) for name, stage in members if isinstance(stage, str)}

    # InspectState

    def test_each_stage_of_a_real_task_is_seen(self):
        queue = self.canter.client("sqs").create_queue(QueueName="inspected")["QueueUrl"]
        machine = self.machine("Stages", {"StartAt": "Say", "States": {"Say": {
            "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True, "InputPath": "$.in",
            "Parameters": {"QueueUrl": queue, "MessageBody.$": "States.Format('{} of {}', $.word, $$.Execution.Name)"},
            "ResultSelector": {"status.$": "$.SdkHttpMetadata.HttpStatusCode"}, "ResultPath": "$.out", "OutputPath": "$.out"}}})
        answer = self.inspect(self.ended(machine, {"in": {"word": "hello"}}, "one"), "Say")
        self.assertEqual((answer["status"], answer["stateType"], answer["notRecomputed"]), ("SUCCEEDED", "Task", []))
        stages = self.stages(answer)
        self.assertEqual(stages["afterInputPath"], {"word": "hello"})
        self.assertEqual(stages["afterParameters"], {"QueueUrl": queue, "MessageBody": "hello of one"})
        self.assertIn("MessageId", stages["result"])
        self.assertEqual(stages["afterResultSelector"], {"status": 200})
        self.assertEqual(stages["afterResultPath"], {"in": {"word": "hello"}, "out": {"status": 200}})
        self.assertEqual(json.loads(answer["output"]), {"status": 200})
        self.assertEqual(json.loads(answer["attempts"][0]["parameters"]), stages["afterParameters"])

    def test_tries_pauses_and_the_catcher_are_told(self):
        machine = self.machine("Tries", {"StartAt": "Ask", "States": {
            "Ask": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Done",
                    "Parameters": {"FunctionName": "nobody"},
                    "Retry": [{"ErrorEquals": ["Lambda.ResourceNotFoundException"], "IntervalSeconds": 1, "MaxAttempts": 1}],
                    "Catch": [{"ErrorEquals": ["Other"], "Next": "Done"},
                              {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Done"}]},
            "Done": {"Type": "Succeed"}}})
        answer = self.inspect(self.ended(machine, {"a": 1}), "Ask")
        self.assertEqual((answer["status"], answer["nextState"]), ("CAUGHT_ERROR", "Done"))
        self.assertEqual(answer["error"], "Lambda.ResourceNotFoundException")
        self.assertEqual(answer["inspectionData"]["errorDetails"], {"catchIndex": 1, "retryIndex": 0})
        first, second = answer["attempts"]
        self.assertEqual((first["error"], first["retryIndex"]), ("Lambda.ResourceNotFoundException", 0))
        self.assertAlmostEqual(first["retryDelaySeconds"], 1, delta=0.9)
        self.assertNotIn("retryDelaySeconds", second)

    def test_jsonata_variables_and_an_iteration_inside_a_branch(self):
        machine = self.machine("Nested", {"QueryLanguage": "JSONata", "StartAt": "Keep", "States": {
            "Keep": {"Type": "Pass", "Assign": {"factor": "{% $states.input.factor %}"}, "Next": "Both"},
            "Both": {"Type": "Parallel", "End": True, "Branches": [
                {"StartAt": "Each", "States": {"Each": {
                    "Type": "Map", "Items": "{% $states.input.items %}", "End": True,
                    "ItemSelector": {"n": "{% $states.context.Map.Item.Value %}"},
                    "ItemProcessor": {"StartAt": "Times", "States": {"Times": {
                        "Type": "Pass", "End": True, "Assign": {"mine": "{% $states.input.n %}"},
                        "Output": "{% $states.input.n * $factor + $states.context.Map.Item.Index %}"}}}}}},
                {"StartAt": "Other", "States": {"Other": {"Type": "Pass", "Output": "other", "End": True}}}]}}})
        execution = self.ended(machine, {"factor": 10, "items": [3, 4, 5]})
        for nth in range(3):
            answer = self.inspect(execution, "Times", nth)
            self.assertEqual(json.loads(answer["variablesBefore"]), {"factor": 10})
            self.assertEqual(json.loads(answer["variablesAfter"]), {"factor": 10, "mine": nth + 3})
            self.assertEqual(json.loads(answer["context"])["Map"]["Item"]["Index"], nth)
            self.assertEqual(json.loads(answer["output"]), (nth + 3) * 10 + nth)
        each = self.inspect(execution, "Each")
        self.assertEqual(self.stages(each)["afterItemSelector"], [{"n": 3}, {"n": 4}, {"n": 5}])
        self.assertEqual(self.stages(each)["result"], [30, 41, 52])
        both = self.inspect(execution, "Both")
        self.assertEqual(self.stages(both)["result"], [[30, 41, 52], "other"])

    def test_what_hung_on_chance_is_said_not_to_be_known(self):
        machine = self.machine("Chance", {"StartAt": "Draw", "States": {
            "Draw": {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "ResultPath": "$.drawn", "End": True}}})
        answer = self.inspect(self.ended(machine, {}), "Draw")
        left_out = [gap["member"] for gap in answer["notRecomputed"]]
        self.assertEqual(left_out, ["afterParameters", "afterResultSelector", "afterResultPath"])
        self.assertEqual(list(self.stages(answer)), ["input", "afterInputPath"])
        self.assertIn("id", json.loads(answer["output"])["drawn"])

    def test_the_execution_s_own_definition_is_used(self):
        first = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": "old", "End": True}}}
        machine = self.machine("Changing", first)
        execution = self.ended(machine, {})
        first["States"]["P"]["Result"] = "new"
        self.states.update_state_machine(stateMachineArn=machine, definition=json.dumps(first))
        self.assertEqual(self.stages(self.inspect(execution, "P"))["result"], "old")

    def test_refusals(self):
        machine = self.machine("Refused", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
        execution = self.ended(machine, {})
        for event, arn, code in (
                (1, execution, "ValidationException"), (99, execution, "ValidationException"),
                (0, execution, "ValidationException"), (2, execution + "x", "ExecutionDoesNotExist"),
                (2, machine, "InvalidArn"), ("x", execution, "SerializationException")):
            self.assertEqual(self.call("InspectState", executionArn=arn, eventId=event), code)
        self.assertEqual(self.call("StartExecution", stateMachineArn=machine), "UnknownOperationException")

    def test_curl_signs_them_too(self):
        machine = self.machine("Curled", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
        execution = self.ended(machine, {"a": 1})
        sign = ["--aws-sigv4", f"aws:amz:{REGION}:states", "--user", "test:test", "--silent", "--show-error", "--max-time", "30"]
        said = self.canter.run(
            "curl", *sign, self.canter.url, "-H", "Content-Type: application/x-amz-json-1.0",
            "-H", "X-Amz-Target: Canter_20261126.InspectState",
            "-d", json.dumps({"executionArn": execution, "eventId": 2}))
        self.assertEqual(json.loads(said)["stateName"], "P")
        arn = urllib.parse.quote(execution, safe="")
        said = self.canter.run("curl", *sign, "--no-buffer", f"{self.canter.url}{EVENTS}?executionArn={arn}").decode()
        self.assertEqual(said.count("\nid: "), 4, said)
        self.assertIn("event: end", said)

    # SearchExecutions

    def test_executions_are_found(self):
        machine = self.machine("Searched", {"StartAt": "C", "States": {
            "C": {"Type": "Choice", "Choices": [{"Variable": "$.bad", "IsPresent": True, "Next": "F"}], "Default": "S"},
            "F": {"Type": "Fail", "ErrorPath": "$.bad", "Cause": "nobody knows"}, "S": {"Type": "Succeed"}}})
        before = time.time()
        for number in range(12):
            self.ended(machine, {"bad": f"Bad.{number}"} if number % 3 == 0 else {}, f"Order-{number}")

        def found(**search):
            names, token = [], {}
            while True:
                answer = self.call("SearchExecutions", stateMachineArn=machine, maxResults=2, **search, **token)
                names += [execution["name"] for execution in answer["executions"]]
                if "nextToken" not in answer:
                    return names
                token = {"nextToken": answer["nextToken"]}

        self.assertEqual(found(nameContains="order-1"), ["Order-11", "Order-10", "Order-1"])
        self.assertEqual(found(errorContains="bad.9"), ["Order-9"])
        self.assertEqual(found(errorContains="NOBODY knows", nameContains="-0"), ["Order-0"])
        self.assertEqual(len(found(statusFilter="SUCCEEDED", startedAfter=before - 1)), 8)
        self.assertEqual(found(startedAfter=time.time() + 1), [])
        self.assertEqual(found(startedBefore=before - 1), [])

    # Streams

    @contextlib.contextmanager
    def stream(self, path, last=None, **query):
        """A stream's lines, and the connection under them."""
        url = f"{self.canter.url}{path}?{urllib.parse.urlencode(query)}"
        headers = {"Last-Event-ID": str(last)} if last else {}
        place = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(place.netloc, timeout=SECONDS_MAX)
        with contextlib.closing(connection):
            connection.request("GET", f"{place.path}?{place.query}", headers=signed("GET", url) | headers)
            yield connection.getresponse()

    def events(self, answer, count=None):
        """The ids and data of events until the end, or so many."""
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/event-stream"))
        found, fields = [], {}
        while line := answer.readline().decode():
            if line == "\n":
                if "event" in fields:
                    found.append(fields)
                    if fields["event"] == "end" or len(found) == count:
                        break
                fields = {}
            else:
                name, _, value = line.rstrip("\n").partition(": ")
                fields[name] = value
        return found

    def chain(self, length):
        states = {f"S{number}": {"Type": "Wait", "Seconds": 0, "Next": f"S{number + 1}"} for number in range(length)}
        return {"StartAt": "S0", "States": states | {f"S{length}": {"Type": "Succeed"}}}

    def test_each_event_comes_once_in_order_and_then_the_end(self):
        machine = self.machine("Streamed", {"StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": 1, "Next": "P"}, "P": {"Type": "Pass", "End": True}}})
        execution = self.execution(machine, {"a": 1})
        with self.stream(EVENTS, executionArn=execution) as answer:
            events = self.events(answer)
        self.assertEqual(json.loads(events.pop()["data"]), {"status": "SUCCEEDED"})
        data = [json.loads(event["data"]) for event in events]
        self.assertEqual([int(event["id"]) for event in events], [event["id"] for event in data])
        history = self.canter.history(execution)
        self.assertEqual([(event["id"], event["type"], event["previousEventId"]) for event in data],
                         [(event["id"], event["type"], event["previousEventId"]) for event in history])
        self.assertEqual(data[0]["executionStartedEventDetails"]["input"], '{"a": 1}')

    def test_a_reader_that_comes_again_and_again_misses_nothing_and_reads_nothing_twice(self):
        machine = self.machine("Again", {"StartAt": "Each", "States": {"Each": {
            "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 4, "End": True, "ItemProcessor": {
                "StartAt": "Hold", "States": {"Hold": {"Type": "Wait", "Seconds": 0, "Next": "P"}, "P": {"Type": "Pass", "End": True}}}}}})
        execution = self.execution(machine, {"items": list(range(200))})
        ids, connections = [], 0
        while True:
            with self.stream(EVENTS, last=ids[-1] if ids else None, executionArn=execution) as answer:
                events = self.events(answer, 37)
            connections += 1
            ids += [int(event["id"]) for event in events if event["event"] == "history"]
            if events[-1]["event"] == "end":
                break
        self.assertGreater(connections, 20)
        self.assertEqual(ids, [event["id"] for event in self.canter.history(execution)])

    def test_many_readers_of_one_execution(self):
        machine = self.machine("Many", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 2, "Next": "S0"}}
                                        | self.chain(30)["States"]})
        execution = self.execution(machine, {})
        seen = []

        def read():
            with self.stream(EVENTS, executionArn=execution, includeExecutionData="false") as answer:
                seen.append([int(event["id"]) for event in self.events(answer) if event["event"] == "history"])

        readers = [threading.Thread(target=read) for _ in range(60)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(SECONDS_MAX)
        history = [event["id"] for event in self.canter.history(execution)]
        self.assertEqual(seen, [history] * 60)

    def test_readers_that_do_not_read_hold_up_nobody(self):
        machine = self.machine("Large", {"StartAt": "Each", "States": {"Each": {
            "Type": "Map", "ItemsPath": "$.items", "End": True, "ResultPath": None, "ItemSelector": {"big.$": "$.big"},
            "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True, "OutputPath": None}}}}}})
        data = {"items": list(range(60)), "big": "x" * 200_000}
        idle = []
        for number in range(8):
            execution = self.execution(machine, data, f"idle-{number}")
            url = f"{self.canter.url}{EVENTS}?executionArn={urllib.parse.quote(execution, safe='')}"
            place = urllib.parse.urlsplit(url)
            connection = socket.create_connection((place.hostname, place.port))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            headers = "".join(f"{name}: {value}\r\n" for name, value in signed("GET", url).items())
            connection.sendall(f"GET {place.path}?{place.query} HTTP/1.1\r\nHost: {place.netloc}\r\n{headers}\r\n".encode())
            idle.append((connection, execution))
        try:
            for connection, execution in idle:
                self.assertEqual(self.canter.outcome(execution)["status"], "SUCCEEDED")
            # One that does read, beside them.
            with self.stream(EVENTS, executionArn=idle[0][1]) as answer:
                self.assertEqual(len(self.events(answer)), len(self.canter.history(idle[0][1])) + 1)
        finally:
            for connection, _ in idle:
                connection.close()

    def test_a_list_rings_when_something_changes(self):
        machine = self.machine("Rung", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}})
        with self.stream(LIST, stateMachineArn=machine) as answer:
            self.assertEqual(answer.readline(), b"retry: 1000\n")
            execution = self.execution(machine, {})
            self.assertEqual([event["event"] for event in self.events(answer, 1)], ["changed"])
            self.states.stop_execution(executionArn=execution)
            self.assertEqual([event["event"] for event in self.events(answer, 1)], ["changed"])

    def test_streams_want_credentials_and_pages_of_others_get_none(self):
        machine = self.machine("Guarded", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
        url = f"{self.canter.url}{EVENTS}?executionArn={urllib.parse.quote(self.ended(machine, {}), safe='')}"
        for headers in ({}, signed("GET", url) | {"Origin": "http://evil.example"}):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=SECONDS_MAX)
            with refused.exception as answer:
                self.assertEqual(answer.code, 403)
        # A signature in the address is one, too: an EventSource can send no headers.
        presigned = AWSRequest("GET", url)
        SigV4QueryAuth(Credentials("test", "test"), "states", REGION, expires=60).add_auth(presigned)
        with urllib.request.urlopen(presigned.url, timeout=SECONDS_MAX) as answer:
            self.assertIn(b"event: end", answer.read())


class Stops(WithCanter):
    def test_a_stop_ends_streams_and_does_not_wait_for_them(self):
        states = self.canter.client("stepfunctions")
        wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
        machine = states.create_state_machine(name="W", definition=json.dumps(wait), roleArn=ROLE)["stateMachineArn"]
        execution = states.start_execution(stateMachineArn=machine)["executionArn"]
        url = f"{self.canter.url}{EVENTS}?executionArn={urllib.parse.quote(execution, safe='')}"
        request = urllib.request.Request(url, headers=signed("GET", url))
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
            self.assertEqual(answer.readline(), b"retry: 1000\n")
            began = time.monotonic()
            self.canter.process.terminate()
            rest = answer.read()
            self.assertEqual(self.canter.process.wait(SECONDS_MAX), 0)
        self.assertLess(time.monotonic() - began, 5)
        self.assertNotIn(b"event: end", rest)
        self.canter.restart()
