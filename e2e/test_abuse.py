"""What no client of good will sends: the answer is AWS's error, nothing is stored, and the server goes on."""
import contextlib
import http.client
import json
import os
import socket
import time
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions

from harness import ACCOUNT, REGION, Canter, WithCanter

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"
PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
STATES, REKOGNITION, DYNAMODB = "AWSStepFunctions", "RekognitionService", "DynamoDB_20120810"
SERVICES = {STATES: ("states", "1.0"), REKOGNITION: ("rekognition", "1.1"), DYNAMODB: ("dynamodb", "1.0")}


class Abuse(WithCanter):
    def send(self, method="POST", path="/", body=b"", headers=None, service="states", sign=True, host=None):
        """One HTTP request as it stands: status, headers, body."""
        address = urllib.parse.urlsplit(self.canter.url)
        headers = dict(headers or {})
        if sign:
            request = botocore.awsrequest.AWSRequest(method, self.canter.url + path, headers=headers, data=body)
            keys = botocore.credentials.Credentials("test", "test")
            botocore.auth.SigV4Auth(keys, service, REGION).add_auth(request)
            headers = dict(request.headers)
        if host:
            headers["Host"] = host
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def json_call(self, target, operation, body, **options):
        service, version = SERVICES[target]
        headers = {"X-Amz-Target": f"{target}.{operation}", "Content-Type": f"application/x-amz-json-{version}"}
        headers |= options.pop("headers", {})
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        status, _, answer = self.send(body=body, headers=headers, service=service, **options)
        return status, answer

    def assert_error(self, answer, *codes, status=400):
        self.assertEqual(answer[0], status, answer)
        error = json.loads(answer[1])
        self.assertIn(error["__type"].split("#")[-1], codes, error)

    def tearDown(self):
        self.assertEqual(self.canter.client("stepfunctions").list_state_machines()["stateMachines"], [])
        self.assertEqual(self.canter.client("rekognition").list_collections()["CollectionIds"], [])
        self.assertEqual(self.canter.client("dynamodb").list_tables()["TableNames"], [])
        super().tearDown()

    def test_a_body_that_is_no_json(self):
        for body in (b"{", b"", b"[1,2]", b"null", b'"text"', b"\xff\xfe{}", b'{"name": "a",}', b"[" * 100_000):
            for target, operation in (
                (STATES, "CreateStateMachine"), (REKOGNITION, "CreateCollection"), (DYNAMODB, "CreateTable"),
            ):
                with self.subTest(operation, body=body[:20]):
                    status, answer = self.json_call(target, operation, body)
                    self.assertEqual(status, 400, answer)
                    self.assertIn(
                        json.loads(answer)["__type"].split("#")[-1],
                        # An absent body is an empty request, whose members are missing.
                        ("SerializationException", "ValidationException", "InvalidParameterException"),
                    )

    def test_an_operation_that_is_not_there(self):
        for target in SERVICES:
            with self.subTest(target):
                self.assert_error(self.json_call(target, "NoSuchOperation", {}), "UnknownOperationException")

    def test_members_of_the_wrong_type(self):
        for target, operation, body in (
            (STATES, "CreateStateMachine", {"name": 5, "definition": PASS, "roleArn": ROLE}),
            (STATES, "CreateStateMachine", {"name": "a", "definition": {}, "roleArn": ROLE}),
            (STATES, "ListExecutions", {"maxResults": "many"}),
            (REKOGNITION, "CreateCollection", {"CollectionId": ["a"]}),
            (REKOGNITION, "DetectFaces", {"Image": "a.jpg"}),
            (DYNAMODB, "CreateTable", {"TableName": 1}),
        ):
            with self.subTest(operation, body=body):
                answer = self.json_call(target, operation, body)
                self.assert_error(answer, "SerializationException", "ValidationException")

    def test_members_that_are_missing(self):
        for target, operation in (
            (STATES, "CreateStateMachine"), (STATES, "StartExecution"), (STATES, "DescribeExecution"),
            (STATES, "GetExecutionHistory"), (REKOGNITION, "CreateCollection"), (REKOGNITION, "IndexFaces"),
            (REKOGNITION, "SearchFacesByImage"), (DYNAMODB, "CreateTable"), (DYNAMODB, "PutItem"),
        ):
            with self.subTest(operation):
                answer = self.json_call(target, operation, {})
                self.assert_error(answer, "ValidationException", "InvalidParameterException")

    def test_a_megabyte_where_a_name_belongs(self):
        long = "a" * 1_000_000
        for target, operation, body in (
            (STATES, "CreateStateMachine", {"name": long, "definition": PASS, "roleArn": ROLE}),
            (STATES, "CreateStateMachine", {"name": "a", "definition": PASS, "roleArn": long}),
            (STATES, "DescribeExecution", {"executionArn": long}),
            (REKOGNITION, "CreateCollection", {"CollectionId": long}),
        ):
            with self.subTest(operation, member=next(iter(body))):
                status, answer = self.json_call(target, operation, body)
                self.assertIn(status, (400, 413), answer[:300])
                # AWS's words quote the value, once.
                self.assertLess(len(answer), len(long) + 1_000)

    def test_a_definition_too_large_or_too_deep(self):
        deep = "[" * 50_000 + "]" * 50_000
        for definition in (
            json.dumps({"StartAt": "A", "Comment": "c" * 1_048_576, "States": {"A": {"Type": "Succeed"}}}),
            '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Result":' + deep + "}}}",
        ):
            body = {"name": "large", "definition": definition, "roleArn": ROLE}
            status, answer = self.json_call(STATES, "CreateStateMachine", body)
            self.assertIn(status, (400, 413), answer[:300])

    def test_bad_names_of_state_machines(self):
        for name in ("", "a b", "a*", "a/b", "a\tb", "a\u0000b", "ä" * 81, "a" * 81, "<script>", "a#b", "a%b", "a;b"):
            with self.subTest(name):
                body = {"name": name, "definition": PASS, "roleArn": ROLE}
                answer = self.json_call(STATES, "CreateStateMachine", body)
                self.assert_error(answer, "InvalidName", "ValidationException")

    def test_a_bad_execution_stores_nothing(self):
        states = self.canter.client("stepfunctions", parameter_validation=False)
        arn = states.create_state_machine(name="a", definition=PASS, roleArn=ROLE)["stateMachineArn"]
        try:
            for about, codes in (
                ({"input": json.dumps("x" * 300_000)}, ("ValidationException", "InvalidExecutionInput")),
                ({"input": "{"}, ("InvalidExecutionInput",)),
                ({"input": "[" * 100_000}, ("InvalidExecutionInput",)),
                ({"input": ""}, ("InvalidExecutionInput",)),
                ({"name": "a b"}, ("InvalidName",)),
                ({"name": "a" * 81}, ("ValidationException", "InvalidName")),
                ({"name": "../../etc/passwd"}, ("InvalidName",)),
                ({"stateMachineArn": "arn"}, ("InvalidArn",)),
                ({"stateMachineArn": arn + "x"}, ("StateMachineDoesNotExist",)),
            ):
                with self.subTest(str(about)[:60]):
                    with self.assertRaises(botocore.exceptions.ClientError) as raised:
                        states.start_execution(**({"stateMachineArn": arn} | about))
                    answer = raised.exception.response
                    self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 400)
                    self.assertIn(answer["Error"]["Code"], codes)
            self.assertEqual(states.list_executions(stateMachineArn=arn)["executions"], [])
        finally:
            states.delete_state_machine(stateMachineArn=arn)

    def test_a_request_without_a_signature(self):
        headers = {"X-Amz-Target": f"{STATES}.ListStateMachines", "Content-Type": "application/x-amz-json-1.0"}
        status, _, answer = self.send(body=b"{}", headers=headers, sign=False)
        self.assertIn(status, (400, 403), answer)
        self.assertIn(b"MissingAuthenticationToken", answer)
        broken = headers | {"Authorization": "AWS4-HMAC-SHA256 nonsense"}
        status, _, answer = self.send(body=b"{}", headers=broken, sign=False)
        self.assertIn(status, (400, 403), answer)
        self.assertIn(b"IncompleteSignature", answer)

    def test_another_sites_page_cannot_call(self):
        """A browser tells whence a page comes, and under which name it believes to reach us (DNS rebinding)."""
        for about in ({"headers": {"Origin": "https://elsewhere.example"}}, {"host": "elsewhere.example"}):
            with self.subTest(**about):
                status, answer = self.json_call(STATES, "ListStateMachines", {}, **about)
                self.assertEqual(status, 403, answer)
                self.assertNotIn(b"stateMachines", answer)

    def test_idle_connections_leave_the_database_its_files(self):
        few = Canter()
        self.addCleanup(few.close)
        few.enter = ["sh", "-c", 'ulimit -n 600; exec "$@"', "sh"]
        few.start()
        self.assertIn("it serves 44 connections at once", few.said())
        states = few.client("stepfunctions")
        arn = states.create_state_machine(name="few", roleArn=ROLE, definition=PASS)["stateMachineArn"]
        with contextlib.ExitStack() as idle:
            address = few.url.removeprefix("http://").split(":")
            # The others wait in the system's queue, until it is full too.
            with contextlib.suppress(TimeoutError):
                for _ in range(650):
                    idle.enter_context(socket.create_connection((address[0], int(address[1])), timeout=1))
            self.await_no_change(lambda: len(os.listdir(f"/proc/{few.process.pid}/fd")))
            # By the connection that is open already. Tables are written meanwhile.
            weight = json.dumps("x" * 160_000)
            started = [states.start_execution(stateMachineArn=arn, input=weight)["executionArn"] for _ in range(60)]
        for execution in started:
            self.assertEqual(few.outcome(execution)["status"], "SUCCEEDED")

    def await_no_change(self, count):
        """Looks ten times a second, until it was the same five times."""
        seen = [count()]
        while len(seen) < 5 or len(set(seen[-5:])) > 1:
            self.assertLess(len(seen), 600, "it changes all the time")
            time.sleep(0.1)
            seen.append(count())

    def test_paths_and_methods_of_no_service(self):
        for method, path in (
            ("GET", "/../../etc/passwd"), ("GET", "/%2e%2e/%2e%2e/etc/passwd"), ("DELETE", "/"), ("PATCH", "/a/b"),
            ("GET", "/2015-03-31/functions/%00"), ("GET", "/" + "a" * 7000), ("OPTIONS", "/"),
            ("GET", "/console/../../../etc/passwd"), ("GET", "/console/%2e%2e%2f%2e%2e%2fetc/passwd"),
        ):
            with self.subTest(method, path=path[:40]):
                status, _, answer = self.send(method, path, sign=False)
                self.assertTrue(400 <= status < 500 or (method == "OPTIONS" and status < 300), (status, answer[:200]))
                self.assertNotIn(b"root:", answer)

    def test_names_of_files_do_not_leave_their_folder(self):
        s3 = self.canter.client("s3")
        s3.create_bucket(Bucket="jail")
        for key in ("../escape", "a/../../escape", "/etc/escape", "a\\..\\b", "." , "..", "a//b", "ä ö\n?#%.txt"):
            with self.subTest(key):
                try:
                    s3.put_object(Bucket="jail", Key=key, Body=key.encode())
                except botocore.exceptions.ClientError as error:
                    self.assertLess(error.response["ResponseMetadata"]["HTTPStatusCode"], 500)
                else:
                    self.assertEqual(s3.get_object(Bucket="jail", Key=key)["Body"].read(), key.encode())
                    s3.delete_object(Bucket="jail", Key=key)
        s3.delete_bucket(Bucket="jail")
        self.assertEqual(list(self.canter.folder.rglob("escape")), [])


del WithCanter
