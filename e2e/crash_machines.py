"""The state machines of the crash test: one of each kind, whose output follows from its input."""
from harness import ACCOUNT, REGION

ACTIVITY = f"arn:aws:states:{REGION}:{ACCOUNT}:activity:desk"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:work"
CSV = "name,number\n" + "".join(f"row{number},{number}\n" for number in range(6))
HELD_SECONDS = 3600

# Each invocation leaves a line: for which attempt, in a process of which server, when. It is written before anything
# else is done, in one write, so that a killed process has left it or never began.
CODE = """
import json, os, time
SERVER = os.getppid()
class Flaky(Exception): pass
class Broken(Exception): pass
def handler(event, context):
    line = json.dumps([event["execution"], event["at"], event["retry"], SERVER, time.time()]) + "\\n"
    with open(os.environ["EFFECTS"], "ab", buffering=0) as effects:
        effects.write(line.encode())
    time.sleep(event.get("seconds", 0))
    if event["retry"] < event.get("fails", 0):
        raise Flaky("not yet")
    if event.get("broken"):
        raise Broken("never")
    return {"n": 2 * event["n"]}
"""


def work(at, **more):
    """The payload of the function; `at` names the state, or the state and its iteration."""
    return {
        "execution": "{% $states.context.Execution.Id %}",
        "retry": "{% $states.context.State.RetryCount %}",
        "n": "{% $n %}",
        "at": at,
    } | more


def machine(states):
    first = {"Read": {"Type": "Pass", "Assign": {"n": "{% $states.input.n %}"}, "Next": next(iter(states))}}
    return {"QueryLanguage": "JSONata", "StartAt": "Read", "States": first | states}


def task(resource, arguments, **fields):
    return {"Type": "Task", "Resource": resource, "Arguments": arguments} | fields


def machines(bucket, queue, inbox):
    invoke = "arn:aws:states:::lambda:invoke"
    line = {
        "StartAt": "Begin",
        "States": {
            "Begin": {"Type": "Pass", "Parameters": {"n.$": "$.n"}, "Next": "Which"},
            "Which": {"Type": "Choice", "Default": "Odd", "Choices": [
                {"Variable": "$.n", "NumericLessThan": 500, "Next": "Low"}]},
            "Low": {"Type": "Pass", "Result": "low", "ResultPath": "$.is", "Next": "Hold"},
            "Odd": {"Type": "Pass", "Result": "high", "ResultPath": "$.is", "Next": "Hold"},
            "Hold": {"Type": "Wait", "Seconds": 1, "Next": "Done"},
            "Done": {"Type": "Succeed"},
        },
    }
    retry = [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 1}]

    def caught(then):
        return [{"ErrorEquals": ["States.ALL"], "Next": then, "Assign": {then: "{% $states.errorOutput.Error %}"}}]

    return {
        "line": line,
        "function": machine({
            "Flaky": task(FUNCTION, work("Flaky", fails=1), Retry=retry, Next="Broken",
                          Assign={"got": "{% $states.result.n %}"}),
            "Broken": task(invoke, {"FunctionName": "work", "Payload": work("Broken", broken=True, seconds=0.3)},
                           Catch=caught("Slow"), Next="Slow"),
            "Slow": task(FUNCTION, work("Slow", seconds=3), TimeoutSeconds=1, Catch=caught("Done"), Next="Done"),
            "Done": {"Type": "Succeed",
                     "Output": {"got": "{% $got %}", "broken": "{% $Slow %}", "slow": "{% $Done %}"}},
        }),
        "callback": machine({
            "Ask": task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", {
                "QueueUrl": queue,
                "MessageBody": {"token": "{% $states.context.Task.Token %}", "n": "{% $n %}",
                                "execution": "{% $states.context.Execution.Id %}"},
            }, End=True),
        }),
        "activity": machine({
            # An answer of GetActivityTask that a crash swallowed is made good by the time-out, as on AWS.
            "Ask": task(ACTIVITY, {"n": "{% $n %}", "execution": "{% $states.context.Execution.Id %}"},
                        TimeoutSeconds=5, End=True,
                        Retry=[{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1000,
                                "BackoffRate": 1}]),
        }),
        "branches": machine({
            "Both": {"Type": "Parallel", "Next": "Each", "Assign": {"both": "{% $states.result %}"}, "Branches": [
                # It runs for a while, so that many a crash finds it running.
                {"StartAt": "Call", "States": {"Call": task(FUNCTION, work("Call", seconds=0.7), End=True)}},
                {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 1, "Next": "Say"},
                                               "Say": {"Type": "Pass", "Output": "{% $n %}", "End": True}}},
            ]},
            "Each": {"Type": "Map", "Items": "{% [0..3] %}", "MaxConcurrency": 2, "End": True,
                     "Output": {"both": "{% $both %}", "each": "{% $states.result %}"},
                     "ItemSelector": {"index": "{% $states.context.Map.Item.Index %}"},
                     "ItemProcessor": {"StartAt": "Item", "States": {"Item": task(
                         FUNCTION, work("{% 'Item/' & $states.input.index %}"), End=True,
                         Output="{% $states.result.n + $states.input.index %}")}}},
        }),
        "rows": machine({
            "Rows": {
                "Type": "Map", "End": True, "MaxConcurrency": 3, "Label": "Rows",
                "ItemReader": {"Resource": "arn:aws:states:::s3:getObject",
                               "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                               "Arguments": {"Bucket": bucket, "Key": "rows.csv"}},
                "ItemSelector": {"row": "{% $states.context.Map.Item.Value.number %}", "n": "{% $n %}"},
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "Row", "States": {
                        "Row": {"Type": "Choice", "Default": "Say", "Choices": [
                            {"Condition": "{% $states.input.row = '0' %}", "Next": "Call"}]},
                        "Call": task(FUNCTION, work("Call") | {"n": "{% $states.input.n %}"}, End=True,
                                     Output="{% $string($states.result.n) %}"),
                        "Say": {"Type": "Pass", "Output": "{% $states.input.row %}", "End": True}}},
            },
        }),
        "parent": machine({
            "Child": task("arn:aws:states:::states:startExecution.sync:2", {
                "StateMachineArn": arn("line"), "Input": {"n": "{% $n %}"}},
                Output="{% $states.result.Output %}", End=True),
        }),
        "integrations": machine({
            "Put": task("arn:aws:states:::dynamodb:putItem", {
                "TableName": "kept", "Item": {"id": {"S": "{% $states.context.Execution.Name %}"},
                                              "n": {"N": "{% $string($n) %}"}}}, Next="Write"),
            "Write": task("arn:aws:states:::aws-sdk:s3:putObject", {
                "Bucket": bucket, "Key": "{% $states.context.Execution.Name %}",
                "Body": {"n": "{% $n %}"}}, Next="Tell"),
            "Tell": task("arn:aws:states:::sqs:sendMessage", {
                "QueueUrl": inbox, "MessageBody": "{% $states.context.Execution.Name %}"}, Next="Get"),
            "Get": task("arn:aws:states:::dynamodb:getItem", {
                "TableName": "kept", "Key": {"id": {"S": "{% $states.context.Execution.Name %}"}}},
                Output="{% $number($states.result.Item.n.N) %}", End=True),
        }),
        "held": {"StartAt": "Hold", "States": {"Hold": {"Type": "Wait", "Seconds": HELD_SECONDS, "End": True}}},
    }


def arn(name):
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def expected(kind, n):
    """The output of an execution; None where the worker's own answer decides."""
    is_ = "low" if n < 500 else "high"
    return {
        "line": {"n": n, "is": is_},
        "function": {"got": 2 * n, "broken": "Broken", "slow": "States.Timeout"},
        "branches": {"both": [{"n": 2 * n}, n], "each": [2 * n + index for index in range(4)]},
        "rows": [str(2 * n), "1", "2", "3", "4", "5"],
        "parent": {"n": n, "is": is_},
        "integrations": n,
    }.get(kind)


# How many of each kind a round starts: those that call functions weigh more on the machine.
EACH_ROUND = {"line": 6, "function": 1, "callback": 3, "activity": 2, "branches": 1, "rows": 1, "parent": 2,
              "integrations": 3, "held": 1}
