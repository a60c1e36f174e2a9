"""Disks and folders that fail: nothing acknowledged is lost, and the server says what happened and what to do."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

import botocore.exceptions

from harness import ACCOUNT, BINARIES, Canter, needed

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
DISK_BYTES = 24 << 20


def machine(canter):
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}})
    return canter.client("stepfunctions").create_state_machine(
        name="echo", roleArn=ROLE, definition=definition)["stateMachineArn"]


class SmallDisk:
    """A file system of a few megabytes in memory, which only a process's own namespace sees: no rights are needed."""

    def __init__(self, folder, size):
        self.folder = folder
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        self.holder = subprocess.Popen(
            ["unshare", "--mount", *user, "sh", "-c",
             f'mount -t tmpfs -o size={size},mode=0777 tmpfs "$0" && echo mounted && exec cat', folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "mounted\n":
            said = self.holder.stderr.read()
            self.close()
            needed(f"a file system of its own (unshare, mount: {said.strip()})")
        self.enter = ["nsenter", "--target", str(self.holder.pid), "--mount"]
        if user:
            self.enter += ["--user", "--preserve-credentials"]
        self.seen = pathlib.Path(f"/proc/{self.holder.pid}/root{folder}")

    def fill(self):
        """Takes all the room that is left."""
        with open(self.seen / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            for block in (1 << 16, 1 << 9, 1):
                with contextlib.suppress(OSError):
                    while True:
                        filler.write(bytes(block))

    def make_room(self):
        (self.seen / "filler").unlink()

    def close(self):
        self.holder.kill()
        self.holder.wait()
        for pipe in (self.holder.stdin, self.holder.stdout, self.holder.stderr):
            pipe.close()


class FullDisk(unittest.TestCase):
    def on_a_small_disk(self):
        """The disk, a server whose folder is on it, and a state machine there."""
        folder = tempfile.mkdtemp(prefix="canter-disk-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        disk = SmallDisk(folder, DISK_BYTES)
        self.addCleanup(disk.close)
        canter = Canter()
        self.addCleanup(canter.close)
        canter.enter, canter.data = disk.enter, pathlib.Path(folder) / "data"
        canter.start()
        return disk, canter, machine(canter)

    def test_nothing_acknowledged_is_lost_when_the_disk_is_full(self):
        disk, canter, arn = self.on_a_small_disk()
        canter.client("s3").create_bucket(Bucket="kept")
        canter.client("sqs").create_queue(QueueName="kept")
        canter.client("dynamodb").create_table(
            TableName="kept", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        accepted = [self.start(canter, arn, number) for number in range(20)]
        disk.fill()
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            for number in range(20, 10_000):
                accepted.append(self.start(canter, arn, number))
        self.assert_a_server_error(refused.exception)
        self.assert_everything_is_refused_as_the_server_s_fault(canter)
        # It still answers what it has, and says that it is not ready.
        canter.client("stepfunctions").list_state_machines()
        with self.assertRaises(urllib.error.HTTPError) as not_ready:
            urllib.request.urlopen(f"{canter.url}/readyz", timeout=10)
        self.assertEqual(not_ready.exception.code, 503)
        self.assertIn("No space left on device", canter.said())
        self.assertIn("nothing more is accepted until the server is restarted", canter.said())
        disk.make_room()
        canter.restart()
        for number, execution in enumerate(accepted):
            outcome = canter.outcome(execution)
            self.assertEqual((outcome["status"], json.loads(outcome["output"])["number"]), ("SUCCEEDED", number))
        canter.outcome(self.start(canter, arn, len(accepted)))
        self.assertNotIn("panicked", canter.said())

    def test_a_disk_that_what_is_written_fills_up_is_named(self):
        _, canter, arn = self.on_a_small_disk()
        # Now a commit fails first, now the tables that are written behind it.
        with self.assertRaises(botocore.exceptions.ClientError) as refused:
            for number in range(10_000):
                self.start(canter, arn, number, weight=160_000)
        self.assert_a_server_error(refused.exception)
        self.assertIn("No space left on device", canter.said())
        self.assertNotIn("panicked", canter.said())

    def start(self, canter, arn, number, weight=20_000):
        return canter.client("stepfunctions").start_execution(
            stateMachineArn=arn, input=json.dumps({"number": number, "weight": "x" * weight}))["executionArn"]

    def assert_everything_is_refused_as_the_server_s_fault(self, canter):
        url = canter.client("sqs").get_queue_url(QueueName="kept")["QueueUrl"]
        for service, operation, parameters in (
            ("s3", "put_object", {"Bucket": "kept", "Key": "k", "Body": b"x" * 100_000}),
            ("sqs", "send_message", {"QueueUrl": url, "MessageBody": "m"}),
            ("dynamodb", "put_item", {"TableName": "kept", "Item": {"id": {"S": "k"}, "v": {"S": "x" * 300_000}}}),
            ("stepfunctions", "create_activity", {"name": "a"}),
            ("sns", "create_topic", {"Name": "t"}),
            ("events", "put_rule", {"Name": "r", "EventPattern": '{"source": ["s"]}'}),
            ("logs", "create_log_group", {"logGroupName": "g"}),
            ("iam", "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": TRUST}),
        ):
            with self.subTest(service), self.assertRaises(botocore.exceptions.ClientError) as refused:
                getattr(canter.client(service), operation)(**parameters)
            with self.subTest(service):
                self.assert_a_server_error(refused.exception)

    def assert_a_server_error(self, error):
        self.assertGreaterEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 500, error)


class Folder(unittest.TestCase):
    """One stopped server's folder, with executions that were acknowledged, and what becomes of it."""

    EXECUTIONS = 30

    @classmethod
    def setUpClass(cls):
        cls.canter = Canter()
        cls.addClassCleanup(cls.canter.close)
        cls.canter.start()
        arn = machine(cls.canter)
        states = cls.canter.client("stepfunctions")
        cls.accepted = [
            states.start_execution(stateMachineArn=arn, input=json.dumps({"number": number}))["executionArn"]
            for number in range(cls.EXECUTIONS)
        ]
        for execution in cls.accepted:
            cls.canter.outcome(execution)
        # The first journal of a folder is set aside with its zeros, later ones end where they end: this has both kinds
        # of a crash behind it.
        cls.canter.restart()
        cls.canter.kill()
        cls.data = cls.canter.folder / "data"

    def copy(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="canter-folder-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        # Its copy is as sparse as it is.
        subprocess.run(["cp", "-a", self.data, folder / "data"], check=True)
        return folder / "data"

    def attempt(self, data, **how):
        """What a start on the folder comes to: None when it answers, with all executions, or the refusal."""
        canter = Canter()
        self.addCleanup(canter.close)
        canter.data = data
        for name, value in how.items():
            setattr(canter, name, value)
        try:
            canter.start()
        except AssertionError:
            self.assertEqual(canter.exit_code, 2, canter.said())
            self.assertNotIn("panicked", canter.said())
            return canter.said()
        for number, execution in enumerate(self.accepted):
            try:
                outcome = canter.client("stepfunctions").describe_execution(executionArn=execution)
            except botocore.exceptions.ClientError as error:
                # What it can't read it says; it never says that it is not there.
                self.assertGreaterEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 500, error)
                continue
            self.assertEqual((outcome["status"], outcome["output"]), ("SUCCEEDED", json.dumps({"number": number})))
        canter.kill()
        self.assertNotIn("panicked", canter.said())
        return None

    def test_it_is_read_as_it_is(self):
        self.assertIsNone(self.attempt(self.copy()))

    def test_a_flipped_bit_is_found_wherever_it_is(self):
        chance, refused = random.Random(1), 0
        files = [path for path in sorted((self.data / "store").rglob("*")) if path.is_file() and path.stat().st_size]
        journals = [path for path in files if path.suffix == ".jnl"]
        for turn in range(40):
            data = self.copy()
            path = data / chance.choice(journals if turn % 2 else files).relative_to(self.data)
            # A journal that was set aside is mostly zeros, behind which nothing is ever read.
            content = bytearray(path.read_bytes().rstrip(b"\0") or b"\0")
            at = chance.randrange(len(content))
            with self.subTest(file=str(path), at=at), open(path, "r+b") as file:
                file.seek(at)
                file.write(bytes([content[at] ^ 1 << chance.randrange(8)]))
                file.flush()
                said = self.attempt(data)
                if said:
                    refused += 1
                    self.assertIn(str(data), said)
                    self.assertIn("is damaged", said)
                    self.assertIn("restore it from a backup", said)
        self.assertGreater(refused, 10)

    def test_a_truncated_journal_is_refused(self):
        (journal,) = (self.data / "store").rglob("*.jnl")
        size = len(journal.read_bytes().rstrip(b"\0"))
        for left in (0, size // 3, size - 1):
            with self.subTest(left=left):
                data = self.copy()
                os.truncate(data / journal.relative_to(self.data), left)
                self.assertIn("is damaged", self.attempt(data) or "it answered")

    def test_a_folder_that_is_in_use_is_refused(self):
        holder = Canter()
        self.addCleanup(holder.close)
        holder.data = self.copy()
        holder.start()
        said = self.attempt(holder.data)
        self.assertIn(f"{holder.data}", said)
        self.assertIn("is in use by another process", said)
        self.assertIsNone(holder.process.poll())

    def test_a_folder_that_cannot_be_written_is_refused(self):
        data = self.copy()
        for path in [data, *data.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        self.addCleanup(subprocess.run, ["chmod", "-R", "u+w", data], check=True)
        # Rights mean nothing to root, so that root is not who starts it.
        enter = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        data.parent.chmod(0o755)
        said = self.attempt(data, enter=enter)
        self.assertIn(f"{data}", said)
        self.assertIn("Permission denied", said)


if __name__ == "__main__":
    unittest.main()
