"""How soon the server answers, and how much memory it holds then."""
import subprocess
import time
import unittest

from harness import BINARIES, Canter


class StartUp(unittest.TestCase):
    def test_the_first_answer_comes_soon(self):
        canter = Canter()
        self.addCleanup(canter.close)
        for folder in ("a fresh folder", "its own folder again"):
            began = time.monotonic()
            canter.restart()
            said = time.monotonic()
            canter.client("stepfunctions").list_state_machines()
            answered = time.monotonic()
            print(
                f"\nstart on {folder}: address after {1000 * (said - began):.0f} ms, first answer to boto3 after "
                f"{1000 * (answered - began):.0f} ms, resident {resident_mib(canter.process.pid):.0f} MiB",
                flush=True,
            )
            # Far above what is wanted: this guards against a start that waits for something.
            self.assertLess(answered - began, 10)
        self.assertNotIn("panicked", canter.said())

    def test_freed_memory_goes_back_soon_unless_somebody_chose_otherwise(self):
        for chosen, expected in (({}, "10"), ({"MIMALLOC_PURGE_DELAY": "500"}, "500")):
            shown = subprocess.run(
                [BINARIES / "canter", "--version"],
                env={"MIMALLOC_VERBOSE": "1", **chosen},
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            self.assertRegex(shown.stderr, rf"option 'purge_delay': {expected}\b")


def resident_mib(process):
    with open(f"/proc/{process}/status") as status:
        (line,) = (line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
