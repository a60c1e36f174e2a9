"""What must hold of an execution, of its history and of what its tasks did, whatever crashed meanwhile."""
import collections
import json

from crash_load import ENDS
from crash_machines import expected

RESULTS = ("Succeeded", "Failed", "TimedOut")
# The event before each event of a task, without what the kind of task puts before the word.
BEFORE = {
    "Scheduled": ("StateEntered", "Failed", "TimedOut"),
    "Started": ("Scheduled",),
    "Submitted": ("Started",),
    "Succeeded": ("Started", "Submitted"),
    # A token may be answered, and a time limit pass, before the message with the token is known to be sent.
    "Failed": ("Scheduled", "Started", "Submitted"),
    "TimedOut": ("Scheduled", "Started", "Submitted"),
}
TASKS = ("Task", "LambdaFunction", "Activity")
# Clocks: the function's and the server's are one, which the history shows in milliseconds.
ROUNDING_SECONDS = 0.002


def task_event(event):
    """`Scheduled`, `Started` …, or None for an event that is not a task's."""
    for word in TASKS:
        rest = event["type"].removeprefix(word)
        if rest != event["type"] and not rest.startswith("State"):
            return rest
    return None


def wrong_history(events, ended=True):
    """What is wrong with a history, as texts; the order of events is that of their ids."""
    wrong = []
    if [event["id"] for event in events] != list(range(1, len(events) + 1)):
        wrong.append(f"its ids have gaps or repetitions: {[event['id'] for event in events]}")
        return wrong
    if events[0]["type"] != "ExecutionStarted":
        wrong.append(f"it begins with {events[0]['type']}")
    ends = [event["id"] for event in events if event["type"] in ENDS]
    if ends != ([len(events)] if ended else []):
        wrong.append(f"it ends at the events {ends} of {len(events)}")
    results = collections.Counter()
    for event in events:
        before = event["previousEventId"]
        if not 0 <= before < event["id"] or (before == 0) != (event["id"] in (1, 2)):
            wrong.append(f"event {event['id']} comes after {before}")
            return wrong
        if event["id"] > 1 and event["timestamp"] < events[event["id"] - 2]["timestamp"]:
            wrong.append(f"event {event['id']} is earlier than the one before")
        kind = task_event(event)
        if kind in BEFORE:
            previous = events[before - 1]["type"]
            if not previous.endswith(BEFORE[kind]):
                wrong.append(f"event {event['id']}, {event['type']}, comes after {previous}")
            if kind in RESULTS:
                results[scheduled(events, event)["id"]] += 1
        if event["type"] == "WaitStateExited":
            entered = events[before - 1]
            if (event["timestamp"] - entered["timestamp"]).total_seconds() < 1 - ROUNDING_SECONDS:
                wrong.append(f"event {event['id']}: a Wait of a second ended early")
    wrong += [f"the task of event {id} has {count} results" for id, count in results.items() if count > 1]
    if ended and events[-1]["type"] == "ExecutionSucceeded":
        went = collections.Counter()
        for event in events:
            for step, details in ((1, "stateEnteredEventDetails"), (-1, "stateExitedEventDetails")):
                if details in event:
                    went[event[details]["name"]] += step
        wrong += [f"{state} was entered and left unequally" for state, count in went.items() if count]
    return wrong


def scheduled(events, event):
    while task_event(event) != "Scheduled":
        event = events[event["previousEventId"] - 1]
    return event


def results_of_attempts(events):
    """`(place, retry) → when its result was committed`, of the attempts that have one; time-outs are no results."""
    found = {}
    for event in events:
        if task_event(event) in ("Succeeded", "Failed"):
            found[attempt(events, event)] = event["timestamp"].timestamp()
    return found


def attempt(events, event):
    """Which attempt an event belongs to, as the function's payload says it: `State` or `State/iteration`, retry."""
    retry, at = -1, None
    while True:
        if at is None and task_event(event) == "Scheduled":
            retry += 1
        if at is None and event["type"] == "TaskStateEntered":
            at = event["stateEnteredEventDetails"]["name"]
        if event["type"] == "MapIterationStarted":
            return f"{at}/{event['mapIterationStartedEventDetails']['index']}", retry
        if not event["previousEventId"]:
            return at, retry
        event = events[event["previousEventId"] - 1]


def wrong_execution(execution, description, events, answers):
    """What is wrong with an execution that has ended; `answers` are outputs of its task, and whether SendTaskSuccess
    was acknowledged with them.
    """
    wrong = wrong_history(events)
    if description["input"] != execution.input:
        wrong.append(f"its input is {description['input']}, not {execution.input}")
    if execution.kind == "held":
        if description["status"] != "ABORTED" or not execution.stopped:
            wrong.append(f"it is {description['status']}; stopped: {execution.stopped}")
        return wrong
    if description["status"] != "SUCCEEDED":
        return [*wrong, f"it is {description['status']}: {description.get('error')} {description.get('cause')}"]
    output = json.loads(description["output"])
    wanted = expected(execution.kind, execution.n)
    if wanted is not None and output != wanted:
        wrong.append(f"its output is {output}, not {wanted}")
    if wanted is None:
        acknowledged = [answer for answer, told in answers if told]
        asked = [answer for answer, _ in answers]
        if len(acknowledged) > 1:
            wrong.append(f"SendTaskSuccess was acknowledged more than once: {acknowledged}")
        if output not in (acknowledged or asked):
            wrong.append(f"its output is {output}; SendTaskSuccess was acknowledged with {acknowledged} of {asked}")
    return wrong


def wrong_effects(effects, events_of):
    """Faults of `[execution, place, retry, server, when]` lines: which attempts ran, in whose hands, how often.

    One server calls an attempt once at the most. After a crash it may be called again, unless its result stands in
    the history.
    """
    wrong = []
    calls = collections.defaultdict(list)
    for execution, at, retry, server, when in effects:
        calls[execution, at, retry].append((when, server))
    for (execution, at, retry), made in calls.items():
        servers = collections.Counter(server for _, server in made)
        for server, count in servers.items():
            if count > 1:
                wrong.append((f"{at}, retry {retry}, was called {count} times by one server, {server}", execution))
        events = events_of(execution)
        done = events and results_of_attempts(events).get((at, retry))
        if done:
            late = [when for when, _ in made if when > done + ROUNDING_SECONDS]
            if late:
                text = f"{at}, retry {retry}, ran at {late}, after its result of {done} was committed"
                wrong.append((text, execution))
        elif events and events[-1]["type"] in ENDS and at != "Slow":
            wrong.append((f"{at}, retry {retry}, ran and has no result in the history", execution))
    return wrong
