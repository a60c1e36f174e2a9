"""Each service behind the workflow by the commands people type."""
import io
import json
import urllib.request
import zipfile

from harness import ACCOUNT, BINARIES, REGION, WithCanter, tool

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"


class Services(WithCanter):
    def write(self, name, data):
        path = self.canter.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def test_sts_says_who_asks(self):
        identity = self.canter.aws("sts", "get-caller-identity")
        self.assertEqual(identity["Account"], ACCOUNT)
        self.assertTrue(identity["Arn"].startswith(f"arn:aws:iam::{ACCOUNT}:"), identity)

    def test_s3_buckets_objects_and_folders(self):
        aws, canter = self.canter.aws, self.canter
        aws("s3", "mb", "s3://files")
        aws("s3", "mb", "s3://files")  # in us-east-1 the owner may ask again
        small, large = b"hello", bytes(range(256)) * 40_000  # the second in several parts
        aws("s3", "cp", self.write("small.txt", small), "s3://files/small.txt", "--only-show-errors")
        aws("s3", "cp", self.write("large.bin", large), "s3://files/a/large.bin", "--only-show-errors")
        self.assertEqual(canter.run("aws", "s3", "cp", "s3://files/a/large.bin", "-"), large)
        head = aws("s3api", "head-object", "--bucket", "files", "--key", "small.txt")
        self.assertEqual((head["ContentLength"], head["ContentType"]), (5, "text/plain"))
        for number in range(3):
            self.write(f"tree/{number}/file.txt", str(number).encode())
        aws("s3", "sync", canter.folder / "tree", "s3://files/tree", "--only-show-errors")
        listed = aws("s3api", "list-objects-v2", "--bucket", "files", "--prefix", "tree/")["Contents"]
        self.assertEqual([entry["Key"] for entry in listed], [f"tree/{number}/file.txt" for number in range(3)])
        folders = aws("s3api", "list-objects-v2", "--bucket", "files", "--delimiter", "/")
        self.assertEqual([entry["Prefix"] for entry in folders["CommonPrefixes"]], ["a/", "tree/"])
        url = aws("s3", "presign", "s3://files/small.txt").strip()
        with urllib.request.urlopen(url, timeout=30) as answer:
            self.assertEqual(answer.read(), small)
        aws("s3", "cp", "s3://files/small.txt", "s3://files/copy.txt", "--only-show-errors")
        aws("s3", "rm", "s3://files/small.txt", "--only-show-errors")
        self.assertIn("404", canter.aws_error("s3api", "head-object", "--bucket", "files", "--key", "small.txt"))
        self.assertIn("BucketNotEmpty", canter.aws_error("s3", "rb", "s3://files"))
        aws("s3", "rb", "--force", "s3://files")
        self.assertIn("NoSuchBucket", canter.aws_error("s3", "ls", "s3://files"))

    def test_dynamodb_tables_and_items(self):
        aws = self.canter.aws
        aws(
            "dynamodb", "create-table", "--table-name", "rides", "--billing-mode", "PAY_PER_REQUEST",
            "--attribute-definitions", "AttributeName=rider,AttributeType=S", "AttributeName=at,AttributeType=N",
            "--key-schema", "AttributeName=rider,KeyType=HASH", "AttributeName=at,KeyType=RANGE",
        )
        aws("dynamodb", "wait", "table-exists", "--table-name", "rides")
        for at in range(3):
            item = {"rider": {"S": "a"}, "at": {"N": str(at)}, "to": {"M": {"city": {"S": "Bern"}}}}
            aws("dynamodb", "put-item", "--table-name", "rides", "--item", json.dumps(item))
        key = json.dumps({"rider": {"S": "a"}, "at": {"N": "1"}})
        item = aws("dynamodb", "get-item", "--table-name", "rides", "--key", key)["Item"]
        self.assertEqual(item["to"], {"M": {"city": {"S": "Bern"}}})
        found = aws(
            "dynamodb", "query", "--table-name", "rides", "--key-condition-expression", "rider = :r AND #t > :t",
            "--expression-attribute-names", json.dumps({"#t": "at"}),
            "--expression-attribute-values", json.dumps({":r": {"S": "a"}, ":t": {"N": "0"}}),
        )
        self.assertEqual([item["at"]["N"] for item in found["Items"]], ["1", "2"])
        self.assertEqual(aws("dynamodb", "scan", "--table-name", "rides")["Count"], 3)
        again = self.canter.aws_error(
            "dynamodb", "put-item", "--table-name", "rides", "--item", key,
            "--condition-expression", "attribute_not_exists(rider)",
        )
        self.assertIn("ConditionalCheckFailedException", again)
        aws("dynamodb", "delete-item", "--table-name", "rides", "--key", key)
        self.assertEqual(aws("dynamodb", "scan", "--table-name", "rides")["Count"], 2)
        aws("dynamodb", "delete-table", "--table-name", "rides")
        self.assertIn(
            "ResourceNotFoundException", self.canter.aws_error("dynamodb", "describe-table", "--table-name", "rides")
        )

    def test_iam_roles_and_policies(self):
        aws = self.canter.aws
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        made = aws(
            "iam", "create-role", "--role-name", "worker", "--assume-role-policy-document", json.dumps(trust)
        )["Role"]
        self.assertEqual(made["Arn"], f"arn:aws:iam::{ACCOUNT}:role/worker")
        self.assertEqual(made["AssumeRolePolicyDocument"], trust)
        policy = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}]}
        aws("iam", "put-role-policy", "--role-name", "worker", "--policy-name", "p", "--policy-document",
            json.dumps(policy))
        self.assertEqual(
            aws("iam", "get-role-policy", "--role-name", "worker", "--policy-name", "p")["PolicyDocument"], policy
        )
        self.assertEqual(aws("iam", "list-role-policies", "--role-name", "worker")["PolicyNames"], ["p"])
        self.assertIn("worker", [role["RoleName"] for role in aws("iam", "list-roles")["Roles"]])
        self.assertIn("DeleteConflict", self.canter.aws_error("iam", "delete-role", "--role-name", "worker"))
        aws("iam", "delete-role-policy", "--role-name", "worker", "--policy-name", "p")
        aws("iam", "delete-role", "--role-name", "worker")
        self.assertIn("NoSuchEntity", self.canter.aws_error("iam", "get-role", "--role-name", "worker"))


class Functions(WithCanter):
    def create(self, name, runtime, handler, files):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in files.items():
                entry = zipfile.ZipInfo(path)
                entry.external_attr = 0o100755 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        code = self.canter.folder / f"{name}.zip"
        code.write_bytes(data.getvalue())
        made = self.canter.aws(
            "lambda", "create-function", "--function-name", name, "--runtime", runtime, "--handler", handler,
            "--role", ROLE, "--timeout", "10", "--zip-file", f"fileb://{code}",
            "--environment", "Variables={GREETING=hello}",
        )
        self.assertEqual(made["FunctionArn"], f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
        self.canter.aws("lambda", "wait", "function-active-v2", "--function-name", name)
        self.addCleanup(self.canter.aws, "lambda", "delete-function", "--function-name", name)

    def invoke(self, name, payload):
        """What `aws lambda invoke` prints, and the payload it wrote."""
        answer = self.canter.folder / "answer.json"
        said = self.canter.aws(
            "lambda", "invoke", "--function-name", name, "--payload", json.dumps(payload), answer
        )
        return said, json.loads(answer.read_text())

    def test_python(self):
        self.create("python", "python3.12", "main.handler", {"main.py": """
import os
class TooBad(Exception):
    pass
def handler(event, context):
    if event.get("bad"):
        raise TooBad("very bad")
    return {"said": os.environ["GREETING"], "event": event, "name": context.function_name}
"""})
        said, answer = self.invoke("python", {"ä": [1, 2.5, None]})
        self.assertEqual(said["StatusCode"], 200)
        self.assertEqual(answer, {"said": "hello", "event": {"ä": [1, 2.5, None]}, "name": "python"})
        said, answer = self.invoke("python", {"bad": True})
        self.assertEqual(said["FunctionError"], "Unhandled")
        self.assertEqual((answer["errorType"], answer["errorMessage"]), ("TooBad", "very bad"))
        self.assertEqual(self.invoke("python", {})[1]["event"], {})

    def test_node(self):
        tool("node")
        self.create("node", "nodejs20.x", "index.handler", {"index.js": """
exports.handler = async (event) => {
  if (event.bad) { const error = new Error("very bad"); error.name = "TooBad"; throw error; }
  return { said: process.env.GREETING, event };
};
"""})
        self.assertEqual(self.invoke("node", {"a": 1})[1], {"said": "hello", "event": {"a": 1}})
        said, answer = self.invoke("node", {"bad": True})
        self.assertEqual(said["FunctionError"], "Unhandled")
        self.assertEqual((answer["errorType"], answer["errorMessage"]), ("TooBad", "very bad"))

    def test_a_binary_of_its_own(self):
        binary = (BINARIES / "notification-placeholder").read_bytes()
        self.create("binary", "provided.al2023", "bootstrap", {"bootstrap": binary})
        info = {"errorInfo": {"Error": "Sad", "Cause": json.dumps({"errorMessage": "so sad"})}}
        self.assertEqual(
            self.invoke("binary", info)[1], {"messageToSend": {"title": "Sad", "message": "so sad"}}
        )

    def test_a_function_that_takes_too_long_is_ended(self):
        self.create("slow", "python3.12", "main.handler", {
            "main.py": "import time\ndef handler(event, context):\n    time.sleep(event['seconds'])\n    return 1\n"})
        self.canter.aws("lambda", "update-function-configuration", "--function-name", "slow", "--timeout", "1")
        said, answer = self.invoke("slow", {"seconds": 30})
        self.assertEqual(said["FunctionError"], "Unhandled")
        self.assertIn("Task timed out after 1.00 seconds", answer["errorMessage"])
        self.assertEqual(self.invoke("slow", {"seconds": 0})[1], 1)

    def test_a_function_that_is_not_there(self):
        self.assertIn(
            "ResourceNotFoundException",
            self.canter.aws_error("lambda", "invoke", "--function-name", "nobody", self.canter.folder / "answer.json"),
        )


del WithCanter
