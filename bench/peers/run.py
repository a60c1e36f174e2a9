#!/usr/bin/env python3
"""Runs the same scenarios against Canter and against servers that pip can install, one after another, and prints a table.

    bench/peers/run.py target/release/canter [--seconds 5] [--clients 16] [PEER …]

Each server is started on an empty folder, measured by `canter bench --endpoint`, and ended. All of them share the cores
with the load. Peers answer a list of Step Functions' operations; the time until the first answer is taken as well.
"""
import argparse
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

SCENARIOS = ["pass1", "pass10", "parallel5", "map1000", "express1"]
# Pinned: a figure is of a version. What to install, the command, and what it is told first: moto runs no execution otherwise.
PEERS = {
    "moto": (
        ["moto[server]==5.2.5"],
        ["moto_server", "-p", "{port}"],
        ("/moto-api/config", {"stepfunctions": {"execute_state_machine": True}}),
    ),
    "ministack": (["ministack==1.5.33"], ["ministack"], None),
}
START_SECONDS_MAX = 60
SCENARIO_SECONDS_MAX = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(peer, cache):
    """The folder of the peer's programs, installed once."""
    folder = cache / f"peer-{peer}"
    if not (folder / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "-q", *PEERS[peer][0]], check=True)
        (folder / "done").touch()
    return folder / "bin"


def first_answer(url, since):
    request = urllib.request.Request(
        url,
        data=b"{}",
        headers={
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "AWSStepFunctions.ListStateMachines",
            "Authorization": "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/states/aws4_request, "
            "SignedHeaders=host, Signature=" + "0" * 64,
        },
    )
    while time.monotonic() - since < START_SECONDS_MAX:
        try:
            with urllib.request.urlopen(request, timeout=5):
                return time.monotonic() - since
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"no answer from {url} within {START_SECONDS_MAX} s")


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6


def tell(url, path, settings):
    request = urllib.request.Request(url + path, json.dumps(settings).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()


def measure(name, command, first, canter, options):
    with tempfile.TemporaryDirectory(prefix="canter-peer-") as folder:
        port = free_port()
        command = [part.format(port=port, folder=folder) for part in command]
        variables = {**os.environ, "GATEWAY_PORT": str(port), "MINISTACK_PORT": str(port)}
        with open(pathlib.Path(folder) / "log", "w") as log:
            since = time.monotonic()
            server = subprocess.Popen(command, cwd=folder, env=variables, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            rows = {"first answer, s": first_answer(url, since)}
            if first:
                tell(url, *first)
            rows["resident at the start, MB"] = resident(server.pid)
            for scenario in SCENARIOS:
                bench = [canter, "bench", scenario, "--json", "--endpoint", url, "--pid", str(server.pid)]
                bench += ["--seconds", str(options.seconds), "--clients", str(options.clients)]
                print(f"{name}: {scenario}", file=sys.stderr)
                try:
                    done = subprocess.run(bench, capture_output=True, text=True, timeout=SCENARIO_SECONDS_MAX)
                except subprocess.TimeoutExpired:
                    print(f"{name}: {scenario} did not end within {SCENARIO_SECONDS_MAX} s", file=sys.stderr)
                    continue
                if done.returncode:
                    print(f"{name}: {done.stderr.strip().splitlines()[0]}", file=sys.stderr)
                    continue
                for figure in json.loads(done.stdout)["figures"]:
                    if figure["what"] in ("server's CPU for an execution", "executions", "p50"):
                        rows[f"{scenario}: {figure['what']}, {figure['unit']}"] = figure["value"]
            rows["resident at the end, MB"] = resident(server.pid)
            return rows
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("canter", type=pathlib.Path)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"{', '.join(PEERS)}; all if none is given")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    unknown = set(options.peers) - set(PEERS)
    if unknown:
        parser.error(f"there is no peer {', '.join(unknown)}; there are {', '.join(PEERS)}")
    canter = options.canter.resolve()
    up = [str(canter), "up", "--listen", "127.0.0.1:{port}", "--data", "{folder}/data"]
    columns = {"Canter": measure("Canter", up, None, canter, options)}
    for peer in options.peers or PEERS:
        _, (program, *arguments), first = PEERS[peer]
        command = [str(environment(peer, canter.parent) / program), *arguments]
        columns[peer] = measure(peer, command, first, canter, options)
    print("| |", " | ".join(columns), "|")
    print("|---|", "---:|" * len(columns), sep="")
    for row in columns["Canter"]:
        cells = [f"{column[row]:.4g}" if row in column else "–" for column in columns.values()]
        print(f"| {row} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
