"""What the pipeline costs: counts that need no clock, times as ratios within one run.

Run by ``scripts/bench``. Every row is ``name, value, unit, goal, holds``; a goal is an upper bound,
and where there is none the figure only informs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil  # type: ignore[import-untyped]  # it has none
from aiosmtpd.smtp import SMTP
from dramatiq import Message

from pipeline import wiring
from pipeline.broker.queues import INTAKE, RECEIVE
from pipeline.casework import reviewing
from pipeline.embedded import supervised
from pipeline.play import read_script
from pipeline.settings import Settings
from pipeline.store import rows, schema
from pipeline.wiring import App

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "tests" / "samples"
SEASON = ("season.jsonl", "followups.jsonl", "verdicts.jsonl")


class Row(NamedTuple):
    """One figure; it holds when it is at most its goal."""

    name: str
    value: float
    unit: str
    goal: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the row as it is printed."""
        holds = None if self.goal is None else self.value <= self.goal
        return {**self._asdict(), "value": round(self.value, 3), "holds": holds}


class Sink:
    """A mail server that notes when it accepted a letter to whom."""

    def __init__(self) -> None:
        self.accepted: dict[str, float] = {}
        self._changed = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        """Accept everything."""
        with self._changed:
            self.accepted[envelope.rcpt_tos[0]] = time.perf_counter()
            self._changed.notify_all()
        return "250 OK"

    def wait(self, address: str) -> float:
        """Return when the first letter to this address was accepted, by the performance counter."""
        with self._changed:
            if not self._changed.wait_for(lambda: address in self.accepted, timeout=60):
                raise SystemExit(f"No letter to {address} was accepted within a minute.")
            return self.accepted[address]


@contextmanager
def real_home() -> Iterator[tuple[App, Sink]]:
    """Run a real home whose letters go to a sink of ours."""
    sink = Sink()
    with serving(sink) as port, tempfile.TemporaryDirectory(prefix="vs-bench-") as folder:
        relay = f"smtp://127.0.0.1:{port}"
        environ = {"PIPELINE_HOME": folder, "PIPELINE_HOME_ID": "bench", "PIPELINE_SMTP_URL": relay}
        settings = Settings.from_env(environ, running=False)
        made = wiring.build(settings)
        schema.upgrade(made.database)
        made.clock.make(None)
        reviewing.carry_out(made, reviewing.Plan(tuple(map(reviewer, range(200))), (), ()))
        with supervised(settings) as running:
            yield wiring.build(running.settings, broker=wiring.hinting(running.settings)), sink


@contextmanager
def serving(sink: Sink) -> Iterator[int]:
    """Serve SMTP on a free port of this machine from a thread of its own."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(sink, hostname="localhost"), "127.0.0.1", 0)
    )
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()


def reviewer(serial: int) -> rows.Reviewer:
    """Return one of many reviewers, who can take many cases."""
    key = f"b{serial:03d}"
    return rows.Reviewer(
        key,
        1,
        f"Reviewer {serial}",
        f"{key}@reviewers.bench.example",
        ["po"],
        ["general"],
        None,
        None,
        50,
        None,
        None,
        True,
    )


def application(serial: int) -> tuple[str, str]:
    """Return a complete application of now, as text, and its address."""
    raw = (SAMPLES / "season.jsonl").read_bytes().splitlines()[1]
    document = json.loads(raw)
    address = f"aanbod@bench{serial}.example"
    document["id"] = f"bench-{serial}"
    document["time"] = datetime.now(UTC).isoformat()  # noqa: TID251 -- a real home runs in real time
    provider = document["data"]["provider"]
    provider["kvk_number"] = f"{91_000_000 + serial}"
    provider["name"] = f"Aanbieder {serial}"
    provider["postcode"] = f"{1000 + serial % 8999} AB"
    provider["contact"]["email"] = address
    return json.dumps(document), address


class Serials:
    """Counts the applications of a run."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        """Return a number not used before."""
        self.last += 1
        return self.last


def drop(app: App, text: str) -> float:
    """Drop an event on the queue and return when."""
    assert app.broker is not None
    at = time.perf_counter()
    app.broker.enqueue(Message(INTAKE, RECEIVE, (text,), {}, {}))
    return at


def latencies(app: App, sink: Sink, serials: Serials, cases: int, pause: float) -> list[float]:
    """Return the seconds from the queue to the accepted confirmation, of cases with a pause after each."""
    found, idle = [], threading.Event()
    for _ in range(cases):
        text, address = application(serials.next())
        start = drop(app, text)
        found.append(sink.wait(address) - start)
        idle.wait(pause)
    return found


def measure_latency() -> Iterator[Row]:
    """Latency of one case, and whether an idle system answers as soon as a busy one."""
    serials = Serials()
    with real_home() as (app, sink):
        latencies(app, sink, serials, 10, 0.03)  # warm up
        busy = statistics.median(latencies(app, sink, serials, 40, 0.03))
        idle = statistics.median(latencies(app, sink, serials, 10, 3.0))
    yield Row("latency_busy", busy * 1000, "ms, queue to confirmation accepted, cases 30 ms apart")
    yield Row("latency_idle", idle * 1000, "ms, the same, cases 3 s apart")
    yield Row("latency_idle_to_busy", idle / busy, "ratio", 1.5)


def measure_throughput() -> Iterator[Row]:
    """How many cases a second are taken in, checked, confirmed and mailed."""
    serials, cases = Serials(), 150
    with real_home() as (app, sink):
        latencies(app, sink, serials, 10, 0.0)
        made = [application(serials.next()) for _ in range(cases)]
        start = time.perf_counter()
        for text, _ in made:
            drop(app, text)
        end = max(sink.wait(address) for _, address in made)
    yield Row("throughput", cases / (end - start), "cases/s, application to confirmation accepted")


def measure_idle() -> Iterator[Row]:
    """What the processes burn while nothing happens."""
    with real_home() as (app, _):
        parts = [process for process in psutil.Process().children(recursive=True) if _counts(process)]
        settle = threading.Event()
        settle.wait(5)
        before = sum(_seconds(process) for process in parts)
        settle.wait(60)
        burnt = sum(_seconds(process) for process in parts) - before
        assert app.broker is not None
    yield Row("idle_cpu", burnt / 60 * 100, "% of a core over 60 idle seconds, worker, waker and Valkey", 1.0)


def _counts(process: psutil.Process) -> bool:
    command = " ".join(process.cmdline())
    return any(name in command for name in ("valkey", "pipeline.worker", "pipeline.waker", "multiprocessing"))


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def measure_counts() -> Iterator[Row]:
    """Messages and transactions of the sample season, counted in one process."""
    found = told_by("count.py")
    yield Row("messages_per_case", found["messages"] / found["cases"], "messages, over the sample season")
    yield Row(
        "transactions_per_case", found["transactions"] / found["cases"], "writes, over the sample season"
    )
    yield Row("messages_per_letter", found["messages"] / found["letters"], "messages, over the sample season")


def measure_worst_case() -> Iterator[Row]:
    """What the costliest events of 256 KiB take, from the queue's bytes to the commit."""
    found = told_by("worst.py")
    slow = max(found, key=lambda name: found[name]["cpu_ms"])
    large = max(found, key=lambda name: found[name]["mib"])
    cpu, least = found[slow]["cpu_ms"], found["an ordinary application"]["cpu_ms"]
    yield Row(
        "worst_case_cpu", cpu, f"ms of CPU, the least of several times, of {len(found)} events: {slow}", 50
    )
    yield Row("worst_case_memory", found[large]["mib"], f"MiB at most at once: {large}", 64)
    yield Row("worst_case_to_ordinary", cpu / least, "ratio of CPU to an application of 1 KiB", 10)


def measure_due() -> Iterator[Row]:
    """Whether a scan for what is due costs by what is due, not by what is open."""
    for database, found in told_by("due.py").items():
        yield Row(f"due_{database}_few", found["few"], "ms, a scan that rings for 100 of 10,000 open cases")
        yield Row(f"due_{database}_many", found["many"], "ms, the same 100 of 1,000,000")
        yield Row(f"due_{database}_many_to_few", found["many"] / found["few"], "ratio", 2)


def measure_assignment() -> Iterator[Row]:
    """What it takes to assign reviewers to all cases at once: enough of them, and for a third of the cases."""
    found = told_by("assign.py")
    yield Row("assignment", found["seconds"], "s, 5,000 waiting cases and 500 reviewers, solved together", 10)
    told = f"s, the same, with room for {found['scarce_served']} of them"
    yield Row("assignment_scarce", found["scarce_seconds"], told, 10)
    ratio = found["seconds"] / found["few_seconds"]
    yield Row("assignment_many_to_few", ratio, "ratio of time to that of 500 cases, a tenth", 20)
    yield Row("assignment_explained", found["explain_ms"], "ms to explain one of these cases")


def told_by(program: str) -> Any:
    """Return what a program beside this one prints."""
    command = [sys.executable, str(ROOT / "scripts" / program)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout)


def measure_season() -> Iterator[Row]:
    """How long the sample season plays through the real processes."""
    files = [str(SAMPLES / name) for name in SEASON]
    with tempfile.TemporaryDirectory(prefix="vs-bench-") as folder:
        command = [
            str(Path(sys.executable).with_name("pipeline")),
            "play",
            *files,
            "--reviewers",
            str(SAMPLES / "reviewers.csv"),
        ]
        start = time.perf_counter()
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PIPELINE_HOME": folder},
        )
        seconds = time.perf_counter() - start
    lines = len(read_script([SAMPLES / name for name in SEASON]))
    yield Row("season", seconds, f"s, the sample season of {lines} events, start and stop included", 120)


MEASURES: dict[str, Callable[[], Iterator[Row]]] = {
    "latency": measure_latency,
    "throughput": measure_throughput,
    "idle": measure_idle,
    "counts": measure_counts,
    "worst-case": measure_worst_case,
    "due": measure_due,
    "assignment": measure_assignment,
    "season": measure_season,
}


def main() -> None:
    """Measure and print; exit code 1 when a goal does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", choices=MEASURES, action="append", help="measure only this; may be repeated"
    )
    parser.add_argument("--json", action="store_true", help="print rows as JSON")
    asked = parser.parse_args()
    rows = [row.as_json() for name in asked.only or MEASURES for row in MEASURES[name]()]
    print(json.dumps(rows, indent=2) if asked.json else "\n".join(map(_told, rows)))
    sys.exit(any(row["holds"] is False for row in rows))


def _told(row: dict[str, Any]) -> str:
    goal = "" if row["goal"] is None else f" (goal <= {row['goal']}: {'holds' if row['holds'] else 'MISSED'})"
    return f"{row['name']:24} {row['value']:10} {row['unit']}{goal}"


if __name__ == "__main__":
    main()
