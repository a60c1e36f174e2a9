"""TestState as its users call it, and executions whose tasks a mock configuration answers."""
import json
import urllib.error
import urllib.request

from harness import ACCOUNT, REGION, Canter, WithCanter, entered, until

ROLE = f"arn:aws:iam::{ACCOUNT}:role/anybody"
MOCKS = "/_aws/stepfunctions/mock-config"


class TestOneState(WithCanter):
    def answer(self, definition, **request):
        client = self.canter.client("stepfunctions", inject_host_prefix=False)
        answer = client.test_state(definition=json.dumps(definition), **request)
        answer.pop("ResponseMetadata")
        return answer

    def test_a_choice_says_where_it_leads(self):
        choice = {"Type": "Choice", "Choices": [
            {"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Many"}], "Default": "Few"}
        for number, state in ((0, "Few"), (2, "Many")):
            said = json.dumps({"n": number})
            answer = self.answer(choice, input=said)
            self.assertEqual(answer, {"status": "SUCCEEDED", "nextState": state, "output": said})

    def test_a_task_that_fails_is_tried_again_and_then_caught(self):
        missing = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Done",
                   "Parameters": {"FunctionName": "nobody", "Payload.$": "$"},
                   "Retry": [{"ErrorEquals": ["Lambda.ResourceNotFoundException"], "IntervalSeconds": 3, "MaxAttempts": 2}],
                   "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Missing", "ResultPath": "$.error"}]}
        # The real service is called, and refuses.
        answer = self.answer(missing, roleArn=ROLE, input='{"a": 1}', inspectionLevel="DEBUG")
        self.assertEqual((answer["status"], answer["error"]), ("RETRIABLE", "Lambda.ResourceNotFoundException"))
        self.assertEqual(
            answer["inspectionData"]["errorDetails"], {"retryIndex": 0, "retryBackoffIntervalSeconds": 3})
        answer = self.answer(
            missing, roleArn=ROLE, input='{"a": 1}', inspectionLevel="DEBUG", stateConfiguration={"retrierRetryCount": 2})
        self.assertEqual((answer["status"], answer["nextState"]), ("CAUGHT_ERROR", "Missing"))
        self.assertEqual(answer["inspectionData"]["errorDetails"], {"retryIndex": 0, "catchIndex": 0})
        self.assertEqual(json.loads(answer["output"])["error"]["Error"], "Lambda.ResourceNotFoundException")

    def test_a_real_service_answers_where_there_is_no_mock(self):
        queue = self.canter.client("sqs").create_queue(QueueName="tested")["QueueUrl"]
        send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
                "Parameters": {"QueueUrl": queue, "MessageBody.$": "$.said"}, "ResultSelector": {"id.$": "$.MessageId"}}
        answer = self.answer(send, roleArn=ROLE, input='{"said": "hello"}')
        self.assertEqual(answer["status"], "SUCCEEDED", answer)
        messages = self.canter.client("sqs").receive_message(QueueUrl=queue)["Messages"]
        self.assertEqual([(m["Body"], m["MessageId"]) for m in messages], [("hello", json.loads(answer["output"])["id"])])

    def test_a_map_of_a_whole_machine_is_mocked(self):
        machine = {"StartAt": "Each", "States": {
            "Each": {"Type": "Map", "ItemsPath": "$.items", "Next": "Done", "ToleratedFailureCount": 1, "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}},
            "Done": {"Type": "Succeed"}}}
        request = {"stateName": "Each", "input": '{"items": [1, 2, 3]}', "mock": {"result": '["a", "b", "c"]'}}
        answer = self.answer(machine, inspectionLevel="TRACE", **request)
        self.assertEqual((answer["status"], answer["nextState"]), ("SUCCEEDED", "Done"))
        self.assertEqual(answer["output"], '["a", "b", "c"]')
        self.assertEqual(answer["inspectionData"]["afterItemsPath"], "[1, 2, 3]")
        answer = self.answer(machine, stateConfiguration={"mapIterationFailureCount": 2}, **request)
        self.assertEqual((answer["status"], answer["error"]), ("FAILED", "States.ExceedToleratedFailureThreshold"))


class MockConfigurations(WithCanter):
    def post(self, text, kind="application/json"):
        request = urllib.request.Request(self.canter.url + MOCKS, text.encode(), {"Content-Type": kind})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def machine(self, name):
        """A mocked task, a wait, and another mocked task; no such function is there."""
        function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:nobody"
        definition = {"StartAt": "First", "States": {
            "First": {"Type": "Task", "Resource": function, "Next": "Hold",
                      "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1}]},
            "Hold": {"Type": "Wait", "Seconds": 2, "Next": "Second"},
            "Second": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
                       "Parameters": {"FunctionName": "nobody", "Payload.$": "$"}}}}
        return self.canter.client("stepfunctions").create_state_machine(
            name=name, roleArn=ROLE, definition=json.dumps(definition))["stateMachineArn"]

    def mocks(self, name):
        return json.dumps({
            "StateMachines": {name: {"TestCases": {"Busy": {"First": "Retried", "Second": "Answered"}}}},
            "MockedResponses": {
                "Retried": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}},
                            "1-2": {"Return": {"StatusCode": 200, "Payload": {"first": 1}}}},
                "Answered": {"0": {"Return": {"StatusCode": 200, "Payload": "done"}}}}})

    def test_a_test_case_survives_kill_9_and_calls_nobody(self):
        client = self.canter.client("stepfunctions")
        arn = self.machine("mocked")
        self.post(self.mocks("mocked"))
        execution = client.start_execution(stateMachineArn=f"{arn}#Busy", input="{}")["executionArn"]
        until(lambda: self.canter.history(execution), lambda events: "Hold" in entered(events))
        self.canter.restart()
        # The configuration was the former process's; the execution keeps its test case.
        with urllib.request.urlopen(self.canter.url + MOCKS, timeout=10) as answer:
            self.assertEqual(answer.read(), b"{}")
        outcome = self.canter.outcome(execution)
        self.assertEqual(outcome["status"], "SUCCEEDED", outcome)
        self.assertEqual(json.loads(outcome["output"]), {"StatusCode": 200, "Payload": "done"})
        self.assertEqual(outcome["stateMachineArn"], arn)
        types = [event["type"] for event in self.canter.history(execution)]
        self.assertEqual((types.count("LambdaFunctionFailed"), types.count("LambdaFunctionSucceeded")), (1, 1))

    def test_what_is_not_configured_is_refused(self):
        arn = self.machine("refused")
        client = self.canter.client("stepfunctions")
        self.post(self.mocks("other"))
        with self.assertRaises(client.exceptions.ValidationException) as refused:
            client.start_execution(stateMachineArn=f"{arn}#Busy")
        self.assertIn("'Busy' of the state machine 'refused'", str(refused.exception))
        for text, kind, status, says in (
            ('{"StateMachines": []}', "application/json", 400, "`StateMachines` is an object"),
            (self.mocks("other"), "text/plain", 415, "application/json"),
        ):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.post(text, kind)
            with refused.exception as error:
                self.assertEqual(error.code, status)
                self.assertIn(says, json.loads(error.read())["message"])

    def test_the_command_line_names_a_file(self):
        canter = Canter("--mock-config", "mocks.json")
        self.addCleanup(canter.close)
        (canter.folder / "mocks.json").write_text(self.mocks("filed"))
        canter.start()
        with urllib.request.urlopen(canter.url + MOCKS, timeout=10) as answer:
            self.assertEqual(answer.read().decode(), self.mocks("filed"))
