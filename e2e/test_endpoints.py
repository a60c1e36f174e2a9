"""Services that live elsewhere: in another Canter, behind a model of botocore's, nowhere; and HTTP Tasks."""
import base64
import http.server
import io
import json
import pathlib
import socket
import threading
import time
import unittest
import urllib.parse
import urllib.request
import zipfile

import boto3
import botocore
import botocore.exceptions

from harness import ACCOUNT, BINARIES, EXAMPLE, REGION, Canter
from rider_photo import PHOTOS, TABLE, THUMBNAILS, WithRiderPhoto

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"
MODELS = pathlib.Path(botocore.__file__).parent / "data"
HANDLER = """
def handler(event, context):
    if event.get("fail"):
        raise ValueError("asked to fail")
    return {"twice": 2 * event["number"]}
"""


def run(canter, resource, parameters):
    """The output of a machine of one task, or its error and cause."""
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
    states = canter.client("stepfunctions")
    arn = states.create_state_machine(
        name=f"m{time.monotonic_ns()}", roleArn=ROLE, definition=json.dumps({"StartAt": "T", "States": {"T": state}})
    )["stateMachineArn"]
    outcome = canter.outcome(states.start_execution(stateMachineArn=arn)["executionArn"])
    if outcome["status"] == "SUCCEEDED":
        return json.loads(outcome["output"])
    return outcome["error"], outcome["cause"]


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


class TwoCanters(unittest.TestCase):
    """One has the data and the functions, the other the workflows."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.far = Canter().start()
        cls.addClassCleanup(cls.far.close)
        cls.near = Canter(
            "--endpoint", f"s3={cls.far.url}", "--endpoint", f"lambda={cls.far.url}",
            CANTER_ENDPOINT_DYNAMODB=cls.far.url,
        ).start()
        cls.addClassCleanup(cls.near.close)

    def tearDown(self):
        for canter in (self.far, self.near):
            self.assertNotIn("panicked", canter.said())

    def test_a_table_is_there_and_tasks_write_to_it(self):
        near, far = self.near.client("dynamodb"), self.far.client("dynamodb")
        near.create_table(
            TableName="rides", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        self.assertEqual(far.list_tables()["TableNames"], ["rides"])
        item = {"id": {"S": "ü"}, "n": {"N": "1.5"}, "b": {"B": base64.b64encode(b"\0\1").decode()}}
        put = run(self.near, "dynamodb:putItem", {"TableName": "rides", "Item": item})
        self.assertEqual(put["SdkHttpMetadata"]["HttpStatusCode"], 200)
        self.assertEqual(far.get_item(TableName="rides", Key={"id": {"S": "ü"}})["Item"]["b"], {"B": b"\0\1"})
        got = run(self.near, "aws-sdk:dynamodb:getItem", {"TableName": "rides", "Key": {"id": {"S": "ü"}}})
        self.assertEqual(got["Item"], item)
        error, cause = run(
            self.near, "dynamodb:putItem",
            {"TableName": "rides", "Item": item, "ConditionExpression": "attribute_not_exists(id)"},
        )
        self.assertEqual(error, "DynamoDB.ConditionalCheckFailedException")
        self.assertIn("The conditional request failed (Service: AmazonDynamoDBv2; Status Code: 400", cause)
        self.assertEqual(
            run(self.near, "aws-sdk:dynamodb:getItem", {"TableName": "none", "Key": item})[0],
            "DynamoDb.ResourceNotFoundException",
        )

    def test_objects_go_there_by_every_door(self):
        near, far = self.near, self.far.client("s3")
        s3 = near.client("s3")
        s3.create_bucket(Bucket="files")
        key = "a b/ü+c"
        s3.put_object(Bucket="files", Key=key, Body=b"hello", Metadata={"user": "u1"}, ContentType="text/plain")
        there = far.get_object(Bucket="files", Key=key)
        self.assertEqual((there["Body"].read(), there["Metadata"]), (b"hello", {"user": "u1"}))
        large = bytes(range(256)) * 40_000
        (near.folder / "large.bin").write_bytes(large)
        near.aws("s3", "cp", near.folder / "large.bin", "s3://files/large.bin", "--only-show-errors")
        self.assertEqual(near.run("aws", "s3", "cp", "s3://files/large.bin", "-"), large)
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "files", "Key": key})
        with urllib.request.urlopen(url, timeout=30) as answer:
            self.assertEqual(answer.read(), b"hello")
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            s3.get_object(Bucket="files", Key="none")
        self.assertEqual(refused.exception.response["Error"]["Code"], "NoSuchKey")

        run(near, "aws-sdk:s3:putObject", {"Bucket": "files", "Key": "task.json", "Body": {"n": 1}})
        self.assertEqual(json.loads(far.get_object(Bucket="files", Key="task.json")["Body"].read()), {"n": 1})
        got = run(near, "aws-sdk:s3:getObject", {"Bucket": "files", "Key": key})
        self.assertEqual((got["Body"], got["ContentType"], got["Metadata"]), ("hello", "text/plain", {"user": "u1"}))
        listed = run(near, "aws-sdk:s3:listObjectsV2", {"Bucket": "files", "Prefix": "a b/"})
        self.assertEqual([entry["Key"] for entry in listed["Contents"]], [key])
        self.assertEqual(listed["IsTruncated"], False)
        deleted = run(
            near, "aws-sdk:s3:deleteObjects", {"Bucket": "files", "Delete": {"Objects": [{"Key": "task.json"}]}}
        )
        self.assertEqual(deleted["Deleted"], [{"Key": "task.json"}])
        for operation, parameters, error in (
            ("getObject", {"Bucket": "files", "Key": "none"}, "S3.NoSuchKeyException"),
            ("headObject", {"Bucket": "files", "Key": "none"}, "S3.NoSuchKeyException"),
            ("headBucket", {"Bucket": "no-such-bucket"}, "S3.NoSuchBucketException"),
        ):
            self.assertEqual(run(near, f"aws-sdk:s3:{operation}", parameters)[0], error)

    def test_functions_run_there(self):
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("function.py", HANDLER)
        function = self.near.client("lambda").create_function(
            FunctionName="doubles", Runtime="python3.12", Handler="function.handler", Role=ROLE,
            Code={"ZipFile": package.getvalue()},
        )
        self.assertEqual(
            [found["FunctionName"] for found in self.far.client("lambda").list_functions()["Functions"]], ["doubles"]
        )
        invoked = run(self.near, "lambda:invoke", {"FunctionName": "doubles", "Payload": {"number": 21}})
        self.assertEqual((invoked["Payload"], invoked["StatusCode"]), ({"twice": 42}, 200))
        error, cause = run(self.near, "lambda:invoke", {"FunctionName": "doubles", "Payload": {"fail": True}})
        self.assertEqual((error, json.loads(cause)["errorMessage"]), ("ValueError", "asked to fail"))
        self.assertEqual(
            run(self.near, "lambda:invoke", {"FunctionName": "none"})[0], "Lambda.ResourceNotFoundException"
        )
        state = {"Type": "Task", "Resource": function["FunctionArn"], "End": True}
        states = self.near.client("stepfunctions")
        arn = states.create_state_machine(
            name="by-arn", roleArn=ROLE, definition=json.dumps({"StartAt": "T", "States": {"T": state}})
        )["stateMachineArn"]
        started = states.start_execution(stateMachineArn=arn, input='{"number": 4}')
        self.assertEqual(json.loads(self.near.outcome(started["executionArn"])["output"]), {"twice": 8})

    def test_services_that_are_here_use_those_that_are_there(self):
        self.far.client("s3").create_bucket(Bucket="faces")
        photo = (EXAMPLE / "pictures/1_happy_face.jpg").read_bytes()
        self.far.client("s3").put_object(Bucket="faces", Key="face.jpg", Body=photo)
        found = self.near.client("rekognition").detect_faces(Image={"S3Object": {"Bucket": "faces", "Name": "face.jpg"}})
        self.assertEqual(len(found["FaceDetails"]), 1)


class RiderPhotoElsewhere(WithRiderPhoto):
    """The flagship, with its pictures and its table in another Canter."""

    @classmethod
    def setUpClass(cls):
        cls.far = Canter().start()
        cls.addClassCleanup(cls.far.close)
        cls.canter = Canter("--endpoint", f"s3={cls.far.url}", "--endpoint", f"dynamodb={cls.far.url}").start()
        cls.addClassCleanup(cls.canter.close)
        cls.deployed = cls.deploy()

    def test_a_photo_passes(self):
        outcome, _ = self.submit("1_happy_face.jpg")
        self.assert_accepted(outcome)
        s3 = self.far.client("s3")
        self.assertTrue(s3.list_objects_v2(Bucket=PHOTOS)["Contents"])
        self.assertTrue(s3.list_objects_v2(Bucket=THUMBNAILS)["Contents"])
        self.assertEqual(self.far.client("dynamodb").scan(TableName=TABLE)["Count"], 1)


class Web:
    """A server of Python's that answers by a function: `(method, path, headers, body) → (status, headers, body)`."""

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, headers, body = answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in ({"content-length": len(body)} | headers).items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = handle_one

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class OneCanter(unittest.TestCase):
    maxDiff = None

    def start(self, *options, **variables):
        canter = Canter(*options, **variables)
        self.addCleanup(canter.close)
        return canter.start()

    def test_a_service_that_only_botocore_knows_is_called_by_its_model(self):
        asked = []

        def secrets(method, path, headers, body):
            asked.append((headers["x-amz-target"], headers["authorization"], json.loads(body)))
            if json.loads(body)["SecretId"] == "k":
                return 200, {"content-type": "application/x-amz-json-1.1"}, b'{"SecretBinary": "AAE=", "Name": "k"}'
            error = {"__type": "ResourceNotFoundException", "Message": "Secrets Manager can't find the specified secret."}
            return 400, {"content-type": "application/x-amz-json-1.1"}, json.dumps(error).encode()

        web = Web(secrets)
        self.addCleanup(web.close)
        canter = self.start(
            "--models", str(MODELS), "--endpoint", f"secretsmanager={web.url}", AWS_ACCESS_KEY_ID="AKIDMINE"
        )
        secret = run(canter, "aws-sdk:secretsmanager:getSecretValue", {"SecretId": "k"})
        self.assertEqual(secret, {"SecretBinary": "AAE=", "Name": "k"})
        target, authorization, body = asked[0]
        self.assertEqual((target, body), ("secretsmanager.GetSecretValue", {"SecretId": "k"}))
        self.assertIn("Credential=AKIDMINE/", authorization)
        self.assertIn(f"/{REGION}/secretsmanager/aws4_request", authorization)
        error, cause = run(canter, "aws-sdk:secretsmanager:getSecretValue", {"SecretId": "none"})
        self.assertEqual(error, "SecretsManager.ResourceNotFoundException")
        said = "Secrets Manager can't find the specified secret. (Service: SecretsManager, Status Code: 400"
        self.assertTrue(cause.startswith(said), cause)
        # What clients ask this server for goes there as well.
        described = boto3.client(
            "secretsmanager", endpoint_url=canter.url, region_name=REGION, aws_access_key_id="a",
            aws_secret_access_key="b",
        ).get_secret_value(SecretId="k")
        self.assertEqual(described["SecretBinary"], b"\0\1")

    def test_a_service_that_is_not_there_fails_its_tasks_as_aws_s_client_says(self):
        port = free_port()
        canter = self.start("--endpoint", f"dynamodb=http://127.0.0.1:{port}")
        cause = f"Unable to execute HTTP request: Connect to 127.0.0.1:{port} failed: Connection refused"
        parameters = {"TableName": "t", "Key": {"id": {"S": "a"}}}
        self.assertEqual(run(canter, "dynamodb:getItem", parameters), ("DynamoDB.SdkClientException", cause))
        self.assertEqual(run(canter, "aws-sdk:dynamodb:getItem", parameters), ("DynamoDb.SdkClientException", cause))
        error, cause = run(canter, "aws-sdk:polly:describeVoices", {})
        self.assertEqual(error, "Polly.SdkClientException")
        self.assertIn("`endpoints.polly` (CANTER_ENDPOINT_POLLY)", cause)

    def test_the_settings_are_shown_and_refused_by_name(self):
        canter = Canter()
        self.addCleanup(canter.close)
        (canter.folder / "canter.toml").write_text(
            '[endpoints.s3]\nurl = "https://minio.local:9000"\naccess-key = "mine"\nsecret-key = "hush"\n'
        )
        shown = canter.run(BINARIES / "canter", "config", CANTER_ENDPOINT_IAM="http://iam.local").decode()
        self.assertRegex(shown, r"endpoints\.s3 +https://minio\.local:9000 +canter\.toml")
        self.assertRegex(shown, r"endpoints\.iam +http://iam\.local +CANTER_ENDPOINT_IAM")
        self.assertNotIn("hush", shown)
        for variable, url, says in (
            ("CANTER_ENDPOINT_NOTHING", "http://h", "there is no model of `nothing`"),
            ("CANTER_ENDPOINT_S3", "minio", "`endpoints.s3`: `minio` is not a URL"),
        ):
            refused = canter.attempt(BINARIES / "canter", "config", **{variable: url})
            self.assertEqual(refused.returncode, 2)
            self.assertIn(says, refused.stderr.decode())
        port = free_port()
        itself = canter.attempt(
            BINARIES / "canter", "up", "--listen", f"127.0.0.1:{port}", "--endpoint", f"sqs=http://localhost:{port}"
        )
        self.assertEqual(itself.returncode, 2)
        self.assertIn("`endpoints.sqs` is this server itself", itself.stderr.decode())


class HttpTasks(unittest.TestCase):
    """Tasks that call an API of Python's by connections of EventBridge's."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.canter = Canter().start()
        cls.addClassCleanup(cls.canter.close)
        cls.tokens = 0
        cls.web = Web(cls.answer)
        cls.addClassCleanup(cls.web.close)

    @classmethod
    def answer(cls, method, path, headers, body):
        said = lambda status, value: (status, {"content-type": "application/json"}, json.dumps(value).encode())
        if path.startswith("/token"):
            cls.tokens += 1
            known = headers["authorization"] == "Basic " + base64.b64encode(b"id:hush").decode()
            form = urllib.parse.parse_qs(body.decode())
            if not known or form != {"grant_type": ["client_credentials"], "scope": ["read"]}:
                return said(400, {"error": "invalid_client"})
            return said(200, {"access_token": f"token-{cls.tokens}", "expires_in": 3600})
        if path.startswith("/missing"):
            return said(404, {"message": "no such thing"})
        return said(200, {
            "method": method, "path": path, "authorization": headers["authorization"], "key": headers["x-key"],
            "type": headers["content-type"], "body": body.decode(),
        })

    def connection(self, name, kind, parameters):
        return self.canter.client("events").create_connection(
            Name=name, AuthorizationType=kind, AuthParameters=parameters
        )["ConnectionArn"]

    def invoke(self, connection, path="/api", **parameters):
        return run(self.canter, "http:invoke", {
            "ApiEndpoint": self.web.url + path, "Method": "POST", "Authentication": {"ConnectionArn": connection},
        } | parameters)

    def test_an_api_key(self):
        connection = self.connection("key", "API_KEY", {
            "ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hush"},
            "InvocationHttpParameters": {
                "QueryStringParameters": [{"Key": "tenant", "Value": "t", "IsValueSecret": False}],
                "BodyParameters": [{"Key": "secret", "Value": "s", "IsValueSecret": True}],
            },
        })
        answer = self.invoke(connection, RequestBody={"a": 1}, QueryParameters={"q": "x y"})
        self.assertEqual((answer["StatusCode"], answer["StatusText"]), (200, "OK"))
        self.assertEqual(answer["Headers"]["content-type"], ["application/json"])
        got = answer["ResponseBody"]
        self.assertEqual((got["key"], got["path"]), ("hush", "/api?q=x%20y&tenant=t"))
        self.assertEqual(json.loads(got["body"]), {"a": 1, "secret": "s"})
        self.assertEqual(
            self.invoke(connection, "/missing"),
            ("States.Http.StatusCode.404", json.dumps({"message": "no such thing"})),
        )
        form = self.invoke(
            connection, RequestBody={"list": ["a", "b"]}, Transform={"RequestBodyEncoding": "URL_ENCODED"}
        )["ResponseBody"]
        self.assertEqual(
            (form["type"], form["body"]), ("application/x-www-form-urlencoded", "list[0]=a&list[1]=b&secret=s")
        )
        self.assertEqual(
            self.invoke(connection, Headers={"Authorization": "mine"}),
            ("States.Runtime", "The 'Headers' field contains unsupported values: [authorization]"),
        )

    def test_a_user_and_a_password(self):
        connection = self.connection("basic", "BASIC", {"BasicAuthParameters": {"Username": "u", "Password": "p"}})
        got = self.invoke(connection)["ResponseBody"]
        self.assertEqual(got["authorization"], "Basic " + base64.b64encode(b"u:p").decode())
        closed = f"http://127.0.0.1:{free_port()}/"
        error, _ = self.invoke(connection, ApiEndpoint=closed)
        self.assertEqual(error, "States.Http.Socket")

    def test_a_token_is_fetched_and_kept(self):
        connection = self.connection("oauth", "OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": {
            "AuthorizationEndpoint": self.web.url + "/token", "HttpMethod": "POST",
            "ClientParameters": {"ClientID": "id", "ClientSecret": "hush"},
            "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "read", "IsValueSecret": False}]},
        }})
        before = type(self).tokens
        for _ in range(2):
            got = self.invoke(connection)["ResponseBody"]
            self.assertEqual(got["authorization"], f"Bearer token-{before + 1}")

    def test_a_connection_that_is_not_there(self):
        arn = f"arn:aws:events:{REGION}:{ACCOUNT}:connection/none/00000000-0000-0000-0000-000000000000"
        self.assertEqual(self.invoke(arn)[0], "Events.ConnectionResource.ResourceNotFound")


if __name__ == "__main__":
    unittest.main()
