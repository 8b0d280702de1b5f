"""A short run of ``scripts/chaos`` on each database: the real processes, each kind of fault, every rule."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from tests.chaos.relay import FAULTS
from tests.stages import ROOT

CASES = 20
ASKED = ("--seconds", "8", "--cases", str(CASES), "--seed", "7", "--json")
PROCESSES = {
    "Redis flushed",
    "Redis killed",
    "waker killed",
    "web killed",
    "worker: asked to end",
    "worker: child killed",
    "worker: group killed",
    "worker: master killed",
    "worker: paused",
}
SERVER = {"sqlite": set[str](), "postgresql": {"PostgreSQL killed"}}


def test_nothing_is_lost_and_nothing_goes_out_twice_whatever_breaks(database_kind: str) -> None:
    words = [sys.executable, "-m", "tests.chaos", *ASKED, "--database", database_kind]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout or "{}")
    assert {rule: found for rule, found in report["breaches"].items() if found} == {}, done.stderr
    assert (done.returncode, report["holds"]) == (0, True)
    assert set(report["faults"]) - {f"mail: {name}" for name in FAULTS} <= PROCESSES | SERVER[database_kind]
    assert len(report["faults"]) > len(PROCESSES)  # some of the mail server's too
    assert sum(report["cases"].values()) + report["events"].get("refused", 0) >= CASES
    assert report["cases"]["closed"] > 0
