"""Our own scripts, conformance/engine and conformance/api, against the built server; and the table of their rules."""
import concurrent.futures
import json
import re
import unittest

import scripts
from harness import ROOT, WithCanter, shared

FOLDER = ROOT / "conformance"
# Scripts mostly wait; with more of them two cores are late for those whose times are seconds apart.
AT_ONCE = 8


def read(kind):
    return {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / kind).glob("*.json"))}


class Scripts(WithCanter):
    def play(self, kind, play, first_account):
        """Every script at the same time, each in an account of its own."""
        playable = {name: script for name, script in read(kind).items() if "engine_only" not in script}
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            playing = {
                name: pool.submit(play, script, scripts.Account(self.canter, str(first_account + number)))
                for number, (name, script) in enumerate(playable.items())
            }
        self.assertTrue(playing)
        for name, played in playing.items():
            with self.subTest(f"{kind}/{name}"):
                if differences := played.result():
                    self.fail("\n".join(differences))

    def test_executions_give_the_histories_of_the_engine_s_scripts(self):
        self.play("engine", scripts.play_engine, 100_000_000_000)

    def test_calls_give_the_answers_of_the_api_s_scripts(self):
        self.play("api", scripts.play_api, 200_000_000_000)


class Table(unittest.TestCase):
    """conformance/rules.md names scripts and, with a star for what is left out, recordings."""

    def named(self):
        return set(re.findall(r"`([\w*-]+/[^`]+\.json)`", (FOLDER / "rules.md").read_text()))

    def test_it_names_every_script_and_nothing_else(self):
        there = {f"{kind}/{name}.json" for kind in ("engine", "api") for name in read(kind)}
        self.assertEqual({name for name in self.named() if name.startswith(("engine/", "api/"))}, there)

    def test_the_recordings_that_it_names_are_there(self):
        cases = shared("conformance/cases")
        recordings = [name for name in self.named() if not name.startswith(("engine/", "api/"))]
        self.assertEqual([name for name in recordings if not any(cases.glob(name))], [])
