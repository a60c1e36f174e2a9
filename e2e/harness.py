"""What the tests share: a built server in a process of its own, an AWS CLI and boto3 that talk to it.

CANTER_BINARIES names the folder with `canter` and the example's functions (default: target/debug).
"""
import contextlib
import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import boto3
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARIES = pathlib.Path(os.environ.get("CANTER_BINARIES", ROOT / "target/debug"))
SHARED = pathlib.Path(os.environ.get("CANTER_SHARED", ROOT / "../shared"))
EXAMPLE = ROOT / "examples/rider-photo"
ACCOUNT, REGION = "000000000000", "us-east-1"
SECONDS_MAX = 60


class Canter:
    """`canter up` on a data folder, with further options and variables; it can be killed and started again."""

    def __init__(self, *options, **variables):
        self.options, self.variables = options, variables
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="canter-e2e-"))
        self.log = self.folder / "server.log"
        self.process = None
        self.url = None
        self.listen = "127.0.0.1:0"
        self.data = self.folder / "data"
        self.enter = []  # the command that runs it, if another does
        self.exit_code = None  # of the process before

    def launch(self):
        """Starts the process, and does not wait for it to answer."""
        command = [*self.enter, BINARIES / "canter", "up", "--listen", self.listen, "--data", self.data]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*command, *self.options], stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.folder,
                env=self.environment() | self.variables,
            )

    def start(self):
        self.launch()
        said = queue.Queue()
        threading.Thread(target=self._listen, args=(self.process.stdout, said), daemon=True).start()
        try:
            self.url = said.get(timeout=SECONDS_MAX)
        except queue.Empty:
            self.url = None
        if self.url is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(SECONDS_MAX)  # so that its exit code is its own
            self.kill()
            raise AssertionError(f"canter up said no address; its log:\n{self.log.read_text(errors='replace')}")
        return self

    @staticmethod
    def _listen(stream, said):
        """Passes the first address on, then keeps the pipe empty; None when the server ends without one."""
        for line in stream:
            if found := re.search(r"http://[^\s/,]+", line):
                said.put(found.group())
                break
        else:
            said.put(None)
        for _ in stream:
            pass

    def kill(self):
        """kill -9: what is not durable now is lost."""
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.exit_code = self.process.wait()
            self.process.stdout.close()
        self.process = None

    def restart(self):
        self.kill()
        return self.start()

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def said(self):
        return self.log.read_text(errors="replace")

    def environment(self):
        """An environment with our endpoint and nobody's own AWS settings."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CANTER_"))}
        clean |= {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }
        if self.url:
            clean["AWS_ENDPOINT_URL"] = self.url
        return clean

    def client(self, service, account="test", **settings):
        config = Config(
            retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=SECONDS_MAX,
            max_pool_connections=32, s3={"addressing_style": "path"}, **settings,
        )
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, config=config,
            aws_access_key_id=account, aws_secret_access_key="test",
        )

    def run(self, *command, **environment):
        """A command in the environment of our endpoint; its output as bytes. Its failure fails the test."""
        done = self.attempt(*command, **environment)
        if done.returncode:
            raise AssertionError(
                f"{' '.join(map(str, command))}: exit {done.returncode}\n"
                f"{done.stdout.decode(errors='replace')}\n{done.stderr.decode(errors='replace')}"
            )
        return done.stdout

    def attempt(self, *command, **environment):
        return subprocess.run(
            [str(word) for word in command], capture_output=True, timeout=10 * SECONDS_MAX,
            cwd=self.folder, env=self.environment() | environment,
        )

    def aws(self, *arguments):
        """`aws …`; what it prints, read as JSON where it is JSON."""
        text = self.run("aws", *arguments).decode()
        try:
            return json.loads(text)
        except ValueError:
            return text

    def aws_error(self, *arguments):
        """`aws …` that must fail; what it says."""
        done = self.attempt("aws", *arguments)
        if done.returncode == 0:
            raise AssertionError(f"aws {' '.join(map(str, arguments))} succeeded: {done.stdout!r}")
        return done.stderr.decode()

    def outcome(self, execution):
        """The execution's description once it has ended."""
        states = self.client("stepfunctions")
        return until(
            lambda: states.describe_execution(executionArn=execution),
            lambda description: description["status"] != "RUNNING",
        )

    def history(self, execution):
        pages = self.client("stepfunctions").get_paginator("get_execution_history")
        return [event for page in pages.paginate(executionArn=execution) for event in page["events"]]


class WithCanter(unittest.TestCase):
    """One server for a class of tests; whatever a test did, the server must not have panicked."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.canter = Canter()
        cls.addClassCleanup(cls.canter.close)
        cls.canter.start()

    def tearDown(self):
        said = self.canter.said()
        self.assertNotIn("panicked", said, "the server's log")
        self.assertIsNone(self.canter.process and self.canter.process.poll(), f"the server ended:\n{said[-4000:]}")


def until(look, enough, seconds_max=SECONDS_MAX):
    """Looks again and again until it is enough; other processes tell us nothing by themselves."""
    deadline = time.monotonic() + seconds_max
    while True:
        seen = look()
        if enough(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds_max} s; last seen: {seen}")
        time.sleep(0.02)


def entered(events):
    """The names of the states that were entered, in the order of the history."""
    return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]


def needed(what):
    """Skips a test that can't be run without what is not there, but not in CI."""
    if os.environ.get("CI"):
        raise AssertionError(f"{what} is not there")
    raise unittest.SkipTest(f"{what} is not there")


def shared(part):
    """A folder beside the repository."""
    folder = SHARED / part
    if not folder.exists():
        needed(folder)
    return folder


def tool(name):
    """The path of a program this test needs."""
    return shutil.which(name) or needed(name)


def jpeg_size(data):
    """Width and height by the frame header."""
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
