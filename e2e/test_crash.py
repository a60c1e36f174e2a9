"""kill -9 at bad moments: what was accepted goes on where it was, and its history has no gap."""
import concurrent.futures
import datetime
import json
import unittest

import crash
import crash_checks
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

    def test_faces_and_roles_made_before_the_crash_are_there(self):
        self.canter.client("rekognition").create_collection(CollectionId="kept")
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        self.canter.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument=json.dumps(trust))
        self.canter.restart()
        self.assertEqual(self.canter.client("rekognition").list_collections()["CollectionIds"], ["kept"])
        self.assertEqual(self.canter.client("iam").get_role(RoleName="kept")["Role"]["RoleName"], "kept")


class Rounds(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_repeated_or_changed_by_crashes_under_load(self):
        print("\n" + crash.Crash(rounds=5, seed=1).run(), flush=True)


class Checks(unittest.TestCase):
    """The checks of those rounds see what they are there for."""

    KINDS = ("ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed", "TaskScheduled",
             "TaskStarted", "TaskSucceeded", "TaskStateExited", "WaitStateEntered", "WaitStateExited",
             "ExecutionSucceeded")

    def setUp(self):
        began = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        self.events = [
            {"id": id, "previousEventId": 0 if id < 3 else id - 1, "type": kind,
             "timestamp": began + datetime.timedelta(seconds=id)}
            for id, kind in enumerate(self.KINDS, 1)
        ]
        for event, name in ((1, "Call"), (9, "Hold")):
            self.events[event]["stateEnteredEventDetails"] = {"name": name}
        for event, name in ((8, "Call"), (10, "Hold")):
            self.events[event]["stateExitedEventDetails"] = {"name": name}

    def assert_wrong(self, text):
        wrong = crash_checks.wrong_history(self.events)
        self.assertTrue(any(text in each for each in wrong), wrong)

    def test_a_whole_history(self):
        self.assertEqual(crash_checks.wrong_history(self.events), [])
        self.assertEqual(crash_checks.wrong_history(self.events[:7], ended=False), [])

    def test_a_gap_and_a_repetition(self):
        del self.events[4]
        self.assert_wrong("gaps or repetitions")
        self.setUp()
        self.events.insert(4, self.events[4])
        self.assert_wrong("gaps or repetitions")

    def test_an_end_that_is_missing_twice_there_or_not_the_last(self):
        del self.events[-1]
        self.assert_wrong("it ends at the events []")
        self.setUp()
        self.events[10]["type"] = "ExecutionFailed"
        self.assert_wrong("it ends at the events [11, 12]")

    def test_events_in_another_order(self):
        self.events[3]["type"], self.events[2]["type"] = self.events[2]["type"], self.events[3]["type"]
        self.assert_wrong("TaskStarted, comes after TaskStateEntered")
        self.setUp()
        self.events[6]["timestamp"] = self.events[0]["timestamp"]
        self.assert_wrong("event 7 is earlier")

    def test_a_task_with_two_results(self):
        self.events[7]["previousEventId"] = 4
        self.assert_wrong("the task of event 3 has 2 results")

    def test_a_wait_that_ends_early(self):
        for event in self.events[10:]:
            event["timestamp"] -= datetime.timedelta(milliseconds=100)
        self.assert_wrong("ended early")

    def test_a_state_that_is_never_left(self):
        del self.events[8]["stateExitedEventDetails"]
        self.assert_wrong("Call was entered and left unequally")

    def test_calls_of_an_attempt(self):
        times = [event["timestamp"].timestamp() for event in self.events]
        first, second = ["e", "Call", 0, 1, times[3]], ["e", "Call", 1, 2, times[6]]
        wrong = lambda *effects: [text for text, _ in crash_checks.wrong_effects(effects, lambda _: self.events)]
        self.assertEqual(wrong(first, second, ["e", "Call", 1, 1, times[6] - 0.1]), [])
        self.assertIn("called 2 times by one server", wrong(first, second, second)[0])
        self.assertIn("was committed", wrong(first, second, ["e", "Call", 1, 3, times[8]])[0])
        self.assertIn("no result in the history", wrong(["e", "Call", 2, 1, times[3]])[0])


# The shared cases are not tests of their own.
del WithRiderPhoto, WithCanter
