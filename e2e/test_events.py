"""Logs and events by the commands people type, and over a kill -9."""
import http.server
import io
import json
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError
from harness import ACCOUNT, REGION, WithCanter, until

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"
GROUP = "/aws/vendedlogs/states/e2e"


def now():
    return int(time.time() * 1000)


class Logs(WithCanter):
    def setUp(self):
        self.logs = self.canter.client("logs")
        self.logs.create_log_group(logGroupName=GROUP)
        self.addCleanup(lambda: self.canter.client("logs").delete_log_group(logGroupName=GROUP))
        self.logs.create_log_stream(logGroupName=GROUP, logStreamName="s1")

    def put(self, *messages, stream="s1"):
        begin = now() - 1000
        events = [{"timestamp": begin + at, "message": message} for at, message in enumerate(messages)]
        return self.logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)

    def messages(self, **arguments):
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, **arguments)
        return [event["message"] for page in pages for event in page["events"]]

    def test_a_group_s_life_by_the_command_line(self):
        aws = self.canter.aws
        aws("logs", "create-log-group", "--log-group-name", "/app", "--tags", "team=a")
        self.assertIn(
            "(ResourceAlreadyExistsException) when calling the CreateLogGroup operation: "
            "The specified log group already exists",
            self.canter.aws_error("logs", "create-log-group", "--log-group-name", "/app"),
        )
        aws("logs", "put-retention-policy", "--log-group-name", "/app", "--retention-in-days", "7")
        found = aws("logs", "describe-log-groups", "--log-group-name-prefix", "/app")["logGroups"][0]
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/app"
        self.assertEqual((found["arn"], found["logGroupArn"], found["retentionInDays"]), (arn + ":*", arn, 7))
        tags = aws("logs", "list-tags-for-resource", "--resource-arn", arn)["tags"]
        self.assertEqual(tags, {"team": "a"})
        aws("logs", "create-log-stream", "--log-group-name", "/app", "--log-stream-name", "web")
        aws("logs", "put-log-events", "--log-group-name", "/app", "--log-stream-name", "web",
            "--log-events", f"timestamp={now()},message=hello")
        events = aws("logs", "get-log-events", "--log-group-name", "/app", "--log-stream-name", "web")["events"]
        self.assertEqual([event["message"] for event in events], ["hello"])
        stream = aws("logs", "describe-log-streams", "--log-group-name", "/app")["logStreams"][0]
        self.assertEqual((stream["logStreamName"], stream["lastEventTimestamp"]), ("web", events[0]["timestamp"]))
        aws("logs", "delete-log-group", "--log-group-name", "/app")
        self.assertIn(
            "The specified log group does not exist.",
            self.canter.aws_error("logs", "describe-log-streams", "--log-group-name", "/app"),
        )

    def test_a_name_that_aws_refuses(self):
        said = self.canter.aws_error("logs", "create-log-group", "--log-group-name", "a:b")
        self.assertIn("(InvalidParameterException)", said)
        self.assertIn("Value 'a:b' at 'logGroupName' failed to satisfy constraint", said)

    def test_filters_and_pages(self):
        self.logs.create_log_stream(logGroupName=GROUP, logStreamName="s2")
        self.put(*(json.dumps({"type": "TaskFailed" if at % 3 == 0 else "TaskSucceeded", "id": at}) for at in range(30)))
        self.put("ERROR one", "INFO two", stream="s2")
        self.assertEqual(len(self.messages(PaginationConfig={"PageSize": 7})), 32)
        self.assertEqual(self.messages(filterPattern="ERROR"), ["ERROR one"])
        failed = self.messages(filterPattern='{ $.type = "TaskFailed" && $.id > 20 }')
        self.assertEqual([json.loads(message)["id"] for message in failed], [21, 24, 27])
        self.assertEqual(self.messages(logStreamNames=["s2"], filterPattern="-ERROR"), ["INFO two"])

    def test_a_query_shows_the_last_lines(self):
        self.put(*(json.dumps({"type": f"T{at}", "details": {"n": at}}) for at in range(5)))
        query = "fields @message, details.n as n | filter n > 1 | sort @timestamp desc | limit 2"
        started = self.canter.aws(
            "logs", "start-query", "--log-group-name", GROUP, "--start-time", str(int(time.time()) - 600),
            "--end-time", str(int(time.time()) + 1), "--query-string", query,
        )
        answer = until(
            lambda: self.canter.aws("logs", "get-query-results", "--query-id", started["queryId"]),
            lambda answer: answer["status"] == "Complete",
        )
        rows = [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]
        self.assertEqual([row["n"] for row in rows], ["4", "3"])
        self.assertEqual(json.loads(rows[0]["@message"])["type"], "T4")
        record = self.logs.get_log_record(logRecordPointer=rows[0]["@ptr"])["logRecord"]
        self.assertEqual(record["details.n"], "4")
        with self.assertRaises(ClientError) as refused:
            self.logs.start_query(logGroupName=GROUP, startTime=0, endTime=1, queryString="fields @message | nonsense")
        self.assertEqual(refused.exception.response["Error"]["Code"], "MalformedQueryException")

    def test_executions_side_by_side_lose_no_line(self):
        states = self.canter.client("stepfunctions")
        wait = {"Type": "Wait", "Seconds": 0, "Next": "B"}
        definition = {"StartAt": "A", "States": {"A": wait, "B": {"Type": "Pass", "End": True}}}
        logged = {"cloudWatchLogsLogGroup": {"logGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*"}}
        machine = states.create_state_machine(
            name="logged", roleArn=ROLE, definition=json.dumps(definition), type="EXPRESS",
            loggingConfiguration={"level": "ALL", "includeExecutionData": True, "destinations": [logged]},
        )["stateMachineArn"]
        with ThreadPoolExecutor(8) as threads:
            start = lambda at: states.start_execution(stateMachineArn=machine, name=f"x{at}")["executionArn"]
            executions = list(threads.map(start, range(40)))
        expected = sorted((execution, str(id)) for execution in executions for id in range(1, 7))

        def told():
            events = map(json.loads, self.messages(logStreamNamePrefix="states/"))
            return sorted((event["execution_arn"], event["id"]) for event in events)

        self.assertEqual(until(told, lambda found: len(found) >= len(expected)), expected)

    def test_what_was_acknowledged_survives_a_kill(self):
        for at in range(20):
            self.put(f"line {at}")
        self.canter.restart()
        self.logs = self.canter.client("logs")
        self.assertEqual(sorted(self.messages()), sorted(f"line {at}" for at in range(20)))


class Events(WithCanter):
    def setUp(self):
        self.events = self.canter.client("events")

    def machine(self, name, **states):
        definition = {"StartAt": "Go", "States": states or {"Go": {"Type": "Pass", "End": True}}}
        made = self.canter.client("stepfunctions").create_state_machine(
            name=name, roleArn=ROLE, definition=json.dumps(definition)
        )
        return made["stateMachineArn"]

    def rule(self, name, pattern, *targets):
        self.events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        answer = self.events.put_targets(Rule=name, Targets=list(targets))
        self.assertEqual(answer["FailedEntryCount"], 0)

    def put(self, source, detail):
        entry = {"Source": source, "DetailType": "e2e", "Detail": json.dumps(detail)}
        answer = self.events.put_events(Entries=[entry])
        self.assertEqual(answer["FailedEntryCount"], 0, answer)
        return answer["Entries"][0]["EventId"]

    def executions(self, machine, count):
        """The executions once there are so many that have ended."""
        states = self.canter.client("stepfunctions")

        def ended():
            pages = states.get_paginator("list_executions").paginate(
                stateMachineArn=machine, statusFilter="SUCCEEDED"
            )
            return [execution for page in pages for execution in page["executions"]]

        return until(ended, lambda found: len(found) >= count)

    def input_of(self, execution):
        states = self.canter.client("stepfunctions")
        return json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"])

    def test_a_rule_by_the_command_line_starts_an_execution(self):
        aws, machine = self.canter.aws, self.machine("by-rule")
        pattern = {"source": ["aws.s3", "photos"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["b"]}}}
        made = aws("events", "put-rule", "--name", "ImageProcessing", "--event-pattern", json.dumps(pattern))
        self.assertEqual(made["RuleArn"], f"arn:aws:events:{REGION}:{ACCOUNT}:rule/ImageProcessing")
        aws("events", "put-targets", "--rule", "ImageProcessing", "--targets", f"Id=1,Arn={machine},RoleArn={ROLE}")
        self.assertEqual(aws("events", "describe-rule", "--name", "ImageProcessing")["State"], "ENABLED")
        names = aws("events", "list-rule-names-by-target", "--target-arn", machine)["RuleNames"]
        self.assertEqual(names, ["ImageProcessing"])
        entries = [{"Source": "photos", "DetailType": "Object Created", "Detail": json.dumps({"bucket": {"name": name}})}
                   for name in ["other", "b"]]
        put = aws("events", "put-events", "--entries", json.dumps(entries))
        [execution] = self.executions(machine, 1)
        event = self.input_of(execution)
        self.assertEqual(event["id"], put["Entries"][1]["EventId"])
        self.assertTrue(execution["name"].startswith(event["id"] + "_"), execution["name"])
        self.assertEqual((event["account"], event["region"], event["detail"]), (ACCOUNT, REGION, {"bucket": {"name": "b"}}))
        self.assertIn("Rule can't be deleted since it has targets",
                      self.canter.aws_error("events", "delete-rule", "--name", "ImageProcessing"))
        aws("events", "remove-targets", "--rule", "ImageProcessing", "--ids", "1")
        aws("events", "delete-rule", "--name", "ImageProcessing")

    def test_a_function_gets_what_the_template_makes(self):
        target = self.canter.folder / "seen.json"
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("main.py", """
import json, os
def handler(event, context):
    with open(event["path"] + ".part", "w") as file:
        json.dump(event, file)
    os.rename(event["path"] + ".part", event["path"])
""")
        functions = self.canter.client("lambda")
        function = functions.create_function(
            FunctionName="target", Runtime="python3.12", Handler="main.handler", Role=ROLE,
            Code={"ZipFile": data.getvalue()},
        )["FunctionArn"]
        functions.get_waiter("function_active_v2").wait(FunctionName="target")
        transformer = {"InputPathsMap": {"path": "$.detail.path", "all": "$.detail"},
                       "InputTemplate": '{"path": <path>, "all": <all>, "rule": "<aws.events.rule-name>"}'}
        self.rule("to-function", {"source": ["fn"]}, {"Id": "1", "Arn": function, "InputTransformer": transformer})
        self.put("fn", {"path": str(target)})
        until(target.exists, bool)
        seen = json.loads(target.read_text())
        self.assertEqual(seen, {"path": str(target), "all": {"path": str(target)}, "rule": "to-function"})

    def test_events_reach_a_log_group_through_a_bus_of_its_own(self):
        logs = self.canter.client("logs")
        logs.create_log_group(logGroupName="/aws/events/e2e")
        bus = self.events.create_event_bus(Name="other")["EventBusArn"]
        self.events.put_rule(Name="log", EventBusName="other", EventPattern=json.dumps({"source": [{"prefix": "log"}]}))
        group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/events/e2e"
        self.events.put_targets(Rule="log", EventBusName="other", Targets=[{"Id": "1", "Arn": group}])
        self.rule("relay", {"source": ["logged"]}, {"Id": "1", "Arn": bus, "RoleArn": ROLE})
        event_id = self.put("logged", {"n": 1})
        found = until(
            lambda: logs.filter_log_events(logGroupName="/aws/events/e2e")["events"], lambda events: len(events) == 1
        )
        self.assertEqual(json.loads(found[0]["message"])["id"], event_id)
        self.assertEqual(found[0]["logStreamName"], "log")

    def test_a_workflow_puts_events_that_start_another(self):
        machine = self.machine("receiver")
        self.rule("from-workflow", {"source": ["workflow"], "detail": {"n": [{"numeric": [">", 1]}]}},
                  {"Id": "1", "Arn": machine, "RoleArn": ROLE, "InputPath": "$.detail"})
        entries = [{"Source": "workflow", "DetailType": "t", "Detail": {"n": n}} for n in (1, 2)]
        sender = self.machine("sender", Go={
            "Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": entries}, "End": True})
        started = self.canter.client("stepfunctions").start_execution(stateMachineArn=sender)
        ended = self.canter.outcome(started["executionArn"])
        self.assertEqual(ended["status"], "SUCCEEDED", ended)
        self.assertEqual(json.loads(ended["output"])["FailedEntryCount"], 0)
        [execution] = self.executions(machine, 1)
        self.assertEqual(self.input_of(execution), {"n": 2})

    def test_wrong_patterns_and_schedules_are_refused_as_on_aws(self):
        said = self.canter.aws_error("events", "put-rule", "--name", "x", "--event-pattern", '{"source": "test"}')
        self.assertIn('(InvalidEventPatternException)', said)
        self.assertIn('Reason: "source" must be an object or an array', said)
        said = self.canter.aws_error("events", "put-rule", "--name", "x", "--schedule-expression", "rate(1 minutes)")
        self.assertIn("Parameter ScheduleExpression is not valid.", said)

    def test_a_connection_shows_no_secret(self):
        auth = {"BasicAuthParameters": {"Username": "me", "Password": "very-secret"}}
        self.events.create_connection(Name="c", AuthorizationType="BASIC", AuthParameters=auth)
        said = self.canter.run("aws", "events", "describe-connection", "--name", "c").decode()
        self.assertEqual(json.loads(said)["AuthParameters"], {"BasicAuthParameters": {"Username": "me"}})
        self.assertNotIn("very-secret", said + self.canter.run("aws", "events", "list-connections").decode())

    def destination(self, port):
        """The ARN of an API destination on this machine."""
        key = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "k"}}
        made = self.events.create_connection(Name="kill", AuthorizationType="API_KEY", AuthParameters=key)
        return self.events.create_api_destination(
            Name="kill", ConnectionArn=made["ConnectionArn"], HttpMethod="POST",
            InvocationEndpoint=f"http://127.0.0.1:{port}/",
        )["ApiDestinationArn"]

    def test_every_event_that_was_accepted_arrives_once_over_a_kill(self):
        endpoint = Endpoint()
        self.addCleanup(endpoint.close)
        # Nobody listens before the server is killed, so that nothing arrives but what it wrote down.
        self.rule("kill", {"source": ["kill"]}, {"Id": "1", "Arn": self.destination(endpoint.port)})
        ids = {self.put("kill", {"n": n}) for n in range(40)}
        self.canter.restart()
        self.events = self.canter.client("events")
        endpoint.listen()
        until(lambda: set(endpoint.seen), lambda seen: seen >= ids)
        # What was to come twice would come before an event that is put now.
        last = self.put("kill", {"n": "last"})
        until(lambda: last in endpoint.seen, bool)
        self.assertEqual(sorted(endpoint.seen), sorted([*ids, last]))


class Endpoint:
    """An HTTP endpoint that has its port from the start, and refuses connections until it listens."""

    def __init__(self):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                seen.append(json.loads(self.rfile.read(int(self.headers["content-length"])))["id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.server.server_bind()
        self.port = self.server.server_port

        self.serving = None

    def listen(self):
        self.server.server_activate()
        self.serving = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.serving.start()

    def close(self):
        if self.serving:
            self.server.shutdown()
        self.server.server_close()


del WithCanter
