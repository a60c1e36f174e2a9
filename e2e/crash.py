"""Kills the server again and again under load and checks that nothing it acknowledged is lost, repeated or changed.

    python e2e/crash.py --rounds 200 [--seed 1]        (`cargo xtask crash` builds the server and runs it)
"""
import argparse
import collections
import contextlib
import json
import random
import socket
import sys
import time

import botocore.exceptions

from crash_checks import wrong_effects, wrong_execution, wrong_history
from crash_load import Clients, Execution, Ledger
from crash_machines import EACH_ROUND, arn
from harness import Canter

# When the server is killed, and in how many of a hundred rounds.
MOMENTS = {"working": 70, "recovering": 15, "first answers": 15}
WORKING_SECONDS, RECOVERING_SECONDS, FIRST_SECONDS = (0.005, 1.5), (0.0, 0.12), (0.0, 0.03)
# After so many rounds everything that was accepted must come to its end, and is compared.
SETTLE_ROUNDS, SETTLE_SECONDS_MAX = 10, 180
# An execution that has been compared is looked at again at the end, if it is one of so many.
AGAIN_MAX = 2000


class Fault(Exception):
    """What a crash must not do; the text is the report."""


def quiet_port(chance):
    """A free port that no outgoing connection is given: a client that calls while nobody listens would, sooner or
    later, get it for its own end, be connected with itself, and keep the server out.
    """
    for port in chance.sample(range(10_000, 32_768), 100):
        with contextlib.suppress(OSError), socket.socket() as tried:
            tried.bind(("127.0.0.1", port))
            return port
    raise Fault("none of 100 ports is free")


class Crash:
    """One run: a server, its clients, what they were told, and the rounds."""

    def __init__(self, rounds, seed, say=print):
        self.rounds, self.seed, self.say = rounds, seed, say
        self.chance = random.Random(seed)
        self.canter, self.ledger = Canter(), Ledger()
        self.clients = Clients(self.canter, self.ledger, seed)
        self.round, self.moments = 0, collections.Counter()
        self.compared, self.effects, self.repeated, self.restarts = [], 0, 0, []

    def run(self):
        """All rounds; what it came to, as a text. On a fault the data folder is kept."""
        try:
            self.canter.listen = f"127.0.0.1:{quiet_port(self.chance)}"
            self.canter.start()
            self.clients.lay_out()
            self.clients.start()
            for self.round in range(1, self.rounds + 1):
                self.one_round()
                if self.round % SETTLE_ROUNDS == 0 or self.round == self.rounds:
                    self.settle()
            self.look_again()
        except BaseException:
            self.clients.stopping.set()
            self.canter.kill()
            raise
        self.clients.stop()
        self.canter.close()
        return self.summary()

    def one_round(self):
        kinds = [kind for kind, count in EACH_ROUND.items() for _ in range(count)]
        self.chance.shuffle(kinds)
        self.clients.plan.extend((kind, self.chance.randrange(1000)) for kind in kinds)
        (moment,) = self.chance.choices(list(MOMENTS), MOMENTS.values())
        self.moments[moment] += 1
        if moment == "recovering":
            # Whatever it does then, it is killed before it is asked anything; the next start has to cope with it.
            self.canter.kill()
            self.canter.launch()
            time.sleep(self.chance.uniform(*RECOVERING_SECONDS))
        else:
            time.sleep(self.chance.uniform(*(WORKING_SECONDS if moment == "working" else FIRST_SECONDS)))
        self.canter.kill()
        began = time.monotonic()
        self.canter.start()
        self.restarts.append(time.monotonic() - began)
        self.raise_faults()

    def settle(self):
        """Waits until all that was accepted has ended, and compares it."""
        self.clients.running = False
        self.wait(lambda: [*self.clients.plan, *self.clients.starting], "not yet accepted")
        self.wait(self.look_at_open, "not ended")
        self.wait(self.missing_messages, "accepted messages that are not delivered")
        self.compare()
        self.raise_faults()
        self.clients.running = True
        self.say(f"round {self.round}: {len(self.compared)} executions compared", flush=True)

    def wait(self, left, what):
        """Until nothing is left of it."""
        deadline = time.monotonic() + SETTLE_SECONDS_MAX
        while still := left():
            self.raise_faults()
            if time.monotonic() > deadline:
                first = next(iter(still))
                self.fault(f"after {SETTLE_SECONDS_MAX} s without a crash, {what}: {still}",
                           first if isinstance(first, Execution) else None)
            time.sleep(0.1)

    def look_at_open(self):
        open_ = [each for each in self.executions() if not each.ended]
        for execution in open_:
            self.clients.look(execution)
        return open_

    def executions(self):
        with self.ledger.lock:
            return list(self.ledger.executions.values())

    def missing_messages(self):
        with self.ledger.lock:
            told = {each.name for each in self.ledger.executions.values() if each.kind == "integrations"}
            return (self.ledger.sent | told) - set(self.ledger.received)

    def compare(self):
        for execution in self.executions():
            description = self.clients.call("stepfunctions", "describe_execution", executionArn=execution.arn)
            with self.ledger.lock:
                answers = self.ledger.answers.pop(execution.arn, [])
            for text in wrong_execution(execution, description, execution.shown, answers):
                self.ledger.fault(text, execution)
            if execution.kind == "integrations":
                with self.ledger.lock:
                    self.ledger.items[execution.name] = execution.n
                    self.ledger.objects[execution.name] = json.dumps({"n": execution.n}, separators=(",", ":"))
        self.compare_effects()
        self.compare_services()
        with self.ledger.lock:
            for execution in self.ledger.executions.values():
                execution.shown = []
            self.compared += self.ledger.executions.values()
            self.ledger.executions = {}

    def compare_effects(self):
        """What the functions did since the last time, the children of Map Runs included."""
        path = self.canter.folder / "effects"
        effects = [json.loads(line) for line in path.read_text().splitlines()[self.effects :]] if path.exists() else []
        self.effects += len(effects)
        self.repeated += len(effects) - len({tuple(effect[:3]) for effect in effects})
        shown = {each.arn: each for each in self.executions()}

        def events_of(whose):
            if whose not in shown:
                shown[whose] = child = Execution("child", 0, whose)
                child.arn = whose
                self.clients.look(child)
                for text in wrong_history(child.shown):
                    self.ledger.fault(text, child)
            return shown[whose].shown

        for text, whose in wrong_effects(effects, events_of):
            self.ledger.fault(text, shown[whose])

    def compare_services(self):
        call, ledger = self.clients.call, self.ledger
        with ledger.lock:
            items, objects, made = ledger.items, ledger.objects, ledger.made
            ledger.items, ledger.objects, ledger.made = {}, {}, set()
            told = ledger.counted[0]
        item = call("dynamodb", "get_item", TableName="kept", Key={"id": {"S": "counter"}}).get("Item", {})
        counted, asked = int(item.get("n", {"N": "0"})["N"]), ledger.counted[1]
        if not told <= counted <= asked:
            ledger.fault(f"the counter is {counted}; {told} additions were acknowledged of {asked} asked for")
        for key, value in items.items():
            item = call("dynamodb", "get_item", TableName="kept", Key={"id": {"S": key}}).get("Item", {})
            if item.get("n") != {"N": str(value)}:
                ledger.fault(f"the item {key} is {item}, not {value}")
        for key, body in objects.items():
            try:
                found = call("s3", "get_object", Bucket="kept", Key=key)["Body"].read().decode()
            except botocore.exceptions.ClientError as error:
                found = str(error)
            if found != body:
                ledger.fault(f"the object {key} is {found[:100]}, not {body[:100]}")
        for machine in made:
            try:
                call("stepfunctions", "describe_state_machine", stateMachineArn=machine)
            except botocore.exceptions.ClientError as error:
                ledger.fault(f"the state machine {machine}: {error}")

    def look_again(self):
        """What ended long ago is still what it was, and no name has two executions."""
        call = self.clients.call
        for execution in self.chance.sample(self.compared, min(AGAIN_MAX, len(self.compared))):
            status = call("stepfunctions", "describe_execution", executionArn=execution.arn)["status"]
            if status != ("ABORTED" if execution.kind == "held" else "SUCCEEDED"):
                self.ledger.fault(f"it is {status} now", execution)
        wanted = collections.Counter(execution.kind for execution in self.compared)
        wanted["line"] += wanted["parent"]  # each has a child of that kind
        states = self.clients.client("stepfunctions")
        for kind in EACH_ROUND:
            pages = states.get_paginator("list_executions").paginate(stateMachineArn=arn(kind))
            listed = [row["name"] for page in pages for row in page["executions"]]
            if len(listed) != wanted[kind] or len(set(listed)) != len(listed):
                self.ledger.fault(f"{len(listed)} executions of {kind} are listed, {wanted[kind]} were accepted")
        self.raise_faults()

    def raise_faults(self):
        if "panicked" in self.canter.said():
            self.fault("the server panicked")
        with self.ledger.lock:
            faults = list(self.ledger.faults)
        if faults:
            text, execution = faults[0]
            more = "".join(f"\n  also: {text} ({execution and execution.arn})" for text, execution in faults[1:6])
            self.fault(f"{text}{more}", execution)

    def fault(self, text, execution=None):
        history = ""
        if execution:
            history = f"\n{execution.arn}\n" + "\n".join(
                json.dumps(event, default=str) for event in execution.shown)
        raise Fault(
            f"seed {self.seed}, round {self.round}: {text}{history}\n"
            f"the data folder and the server's log are kept in {self.canter.folder}")

    def summary(self):
        restarts = sorted(self.restarts)
        calls = sum(self.ledger.calls.values())
        lines = [
            f"{self.rounds} rounds, seed {self.seed}: nothing acknowledged was lost, repeated or changed",
            "kills: " + ", ".join(f"{count} {moment}" for moment, count in sorted(self.moments.items())),
            "executions compared: " + ", ".join(
                f"{count} {kind}" for kind, count in
                sorted(collections.Counter(each.kind for each in self.compared).items())),
            f"calls acknowledged: {calls}; function calls: {self.effects}, again after a crash {self.repeated}; "
            f"messages delivered: {sum(self.ledger.received.values())}, of them twice or more often: "
            f"{sum(count > 1 for count in self.ledger.received.values())}",
            f"restart to its address: {1000 * restarts[len(restarts) // 2]:.0f} ms median, "
            f"{1000 * restarts[-1]:.0f} ms at worst",
        ]
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="cargo xtask crash")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="that of an earlier run draws the same rounds")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error("--rounds must be at least 1")
    seed = random.randrange(2**32) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    try:
        print(Crash(given.rounds, seed).run())
    except Fault as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main()
