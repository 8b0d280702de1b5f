"""Take in the events that cost the most, in one process; prints JSON: CPU milliseconds and MiB of each."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import tracemalloc
from itertools import count
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipeline import wiring  # noqa: E402 -- needs the path set above
from pipeline.broker.envelope import Malformed, unwrap  # noqa: E402 -- the same
from pipeline.casework import intake  # noqa: E402 -- the same
from pipeline.logs import keep_quiet  # noqa: E402 -- the same
from pipeline.wiring import App  # noqa: E402 -- the same
from tests.broker.test_envelope import around  # noqa: E402 -- the same
from tests.casework.events import admitted  # noqa: E402 -- the same
from tests.contract.heavy import APPLICATION, documents  # noqa: E402 -- the same
from tests.stages import system  # noqa: E402 -- the same

TIMES: Final = 9
ORDINARY: Final = "an ordinary application"
_serials = count()


def main() -> None:
    """Measure and print."""
    keep_quiet()
    events = {ORDINARY: json.dumps(APPLICATION).encode(), **documents()}
    with tempfile.TemporaryDirectory() as folder:
        made = system(Path(folder))
        admitted(made)
        wiring.collect_rarely()  # as a worker does
        take_in(made.app, message(events[ORDINARY]))
        found = {name: cost(made.app, raw) for name, raw in events.items()}
        made.app.database.close()
    print(json.dumps(found))


def cost(app: App, raw: bytes) -> dict[str, float]:
    """Return what an event costs from the queue's bytes to the commit.

    Of several times the least counts: whatever else runs on the machine only adds to it.
    """
    milliseconds = min(cpu(app, message(raw)) for _ in range(TIMES))
    tracemalloc.start()
    take_in(app, message(raw))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"cpu_ms": milliseconds, "mib": peak / 2**20}


def cpu(app: App, raw: bytes) -> float:
    """Return the CPU milliseconds of one time."""
    start = time.process_time()
    take_in(app, raw)
    return (time.process_time() - start) * 1000


def message(raw: bytes) -> bytes:
    """Return a message with this event under an id of its own, so that it is not known already."""
    return around(raw.decode().replace('"id": "1"', f'"id": "{next(_serials)}"', 1))


def take_in(app: App, raw: bytes) -> None:
    """Do what a worker does with a message on its queue."""
    try:
        event = str(unwrap(raw).args[0]).encode("utf-8", "surrogatepass")
    except Malformed:
        return
    intake.process(app, intake.arrival(app, event), event)


if __name__ == "__main__":
    main()
