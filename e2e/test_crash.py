"""kill -9 at bad moments: what was accepted goes on where it was, and its history has no gap."""
import concurrent.futures
import json
import threading

import botocore.exceptions

from harness import ACCOUNT, REGION, WithCanter, entered, until
from rider_photo import COLLECTION, WithRiderPhoto

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"


def machine(canter, name, states):
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    return canter.client("stepfunctions").create_state_machine(
        name=name, roleArn=ROLE, definition=definition
    )["stateMachineArn"]


class History:
    """Checks that a history is whole, and that it begins as it did before the crash."""

    def assert_whole(self, events, before=()):
        self.assertEqual([event["id"] for event in events], list(range(1, len(events) + 1)))
        self.assertEqual([event["type"] for event in events[: len(before)]], [event["type"] for event in before])
        ends = [event["type"] for event in events if event["type"] in (
            "ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")]
        self.assertEqual(ends, ["ExecutionSucceeded"])
        self.assertEqual(events[-1]["type"], "ExecutionSucceeded")


class PhotoWorkflow(History, WithRiderPhoto):
    def test_a_photo_survives_a_crash_at_every_step(self):
        for at in ("FaceDetection", "CheckFaceDuplicate", "ParallelProcessing", "PersistMetadata"):
            with self.subTest(at):
                self.setUp()
                execution = self.start("1_happy_face.jpg")
                before = until(lambda: self.canter.history(execution), lambda events: at in entered(events))
                self.canter.restart()
                self.assert_accepted(self.canter.outcome(execution))
                self.assert_whole(self.canter.history(execution), before)
                # A function that was running at the crash may run twice, so its face may be there twice.
                faces = self.canter.client("rekognition").list_faces(CollectionId=COLLECTION)["Faces"]
                self.assertEqual({face["ExternalImageId"] for face in faces}, {"user_a"})
                self.assertLessEqual(len(faces), 2)


class ManyWaits(History, WithCanter):
    def test_waiting_executions_go_on(self):
        states = {"Hold": {"Type": "Wait", "Seconds": 3, "Next": "Done"}, "Done": {"Type": "Succeed"}}
        arn = machine(self.canter, "holds", states)
        client = self.canter.client("stepfunctions")
        start = lambda number: client.start_execution(
            stateMachineArn=arn, name=f"hold-{number}", input=json.dumps({"number": number})
        )["executionArn"]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            executions = list(pool.map(start, range(300)))
        self.canter.restart()
        for number, execution in enumerate(executions):
            outcome = self.canter.outcome(execution)
            self.assertEqual((outcome["status"], outcome["output"]), ("SUCCEEDED", json.dumps({"number": number})))
        for execution in executions[::30]:
            self.assert_whole(self.canter.history(execution))
        pages = self.canter.client("stepfunctions").get_paginator("list_executions")
        listed = [row for page in pages.paginate(stateMachineArn=arn) for row in page["executions"]]
        self.assertEqual(sorted(row["executionArn"] for row in listed), sorted(executions))

    def test_nothing_accepted_is_lost_when_the_crash_comes_while_accepting(self):
        arn = machine(self.canter, "passes", {"Done": {"Type": "Pass", "End": True}})
        client = self.canter.client("stepfunctions")
        accepted, enough, lock = [], threading.Event(), threading.Lock()

        def start(worker):
            for number in range(100_000):
                try:
                    started = client.start_execution(stateMachineArn=arn, name=f"pass-{worker}-{number}")
                except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                    return
                with lock:
                    accepted.append(started["executionArn"])
                    if len(accepted) >= 200:
                        enough.set()

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            workers = [pool.submit(start, worker) for worker in range(8)]
            self.assertTrue(enough.wait(60), f"only {len(accepted)} accepted")
            self.canter.kill()
            for worker in workers:
                worker.result()
        self.canter.start()
        for execution in accepted:
            self.assertEqual(self.canter.outcome(execution)["status"], "SUCCEEDED", execution)

    def test_objects_items_and_faces_written_before_the_crash_are_there(self):
        s3, dynamodb = self.canter.client("s3"), self.canter.client("dynamodb")
        s3.create_bucket(Bucket="kept")
        s3.put_object(Bucket="kept", Key="a/b", Body=b"x" * 100_000)
        dynamodb.create_table(
            TableName="kept", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        dynamodb.put_item(TableName="kept", Item={"id": {"S": "1"}, "n": {"N": "2"}})
        self.canter.client("rekognition").create_collection(CollectionId="kept")
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        self.canter.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument=json.dumps(trust))
        self.canter.restart()
        body = self.canter.client("s3").get_object(Bucket="kept", Key="a/b")["Body"].read()
        self.assertEqual(body, b"x" * 100_000)
        item = self.canter.client("dynamodb").get_item(TableName="kept", Key={"id": {"S": "1"}})["Item"]
        self.assertEqual(item, {"id": {"S": "1"}, "n": {"N": "2"}})
        self.assertEqual(self.canter.client("rekognition").list_collections()["CollectionIds"], ["kept"])
        self.assertEqual(self.canter.client("iam").get_role(RoleName="kept")["Role"]["RoleName"], "kept")


# The shared cases are not tests of their own.
del WithRiderPhoto, WithCanter
