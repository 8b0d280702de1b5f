"""Time one scan for what is due among ten thousand and a million open cases; prints JSON: milliseconds by database."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipeline.logs import keep_quiet  # noqa: E402 -- needs the path set above
from pipeline.store import scan  # noqa: E402 -- the same
from pipeline.store.engines import Database  # noqa: E402 -- the same
from pipeline.store.scan import Pace  # noqa: E402 -- the same
from pipeline.store.tables import cases  # noqa: E402 -- the same
from tests import crowd  # noqa: E402 -- the same
from tests.casework.events import admitted  # noqa: E402 -- the same
from tests.databases import BOTH, databases  # noqa: E402 -- the same
from tests.stages import System, system  # noqa: E402 -- the same

FEW: Final = 10_000
MANY: Final = 1_000_000
TIMES: Final = 31
PACE: Final = Pace(timedelta(seconds=5), timedelta(seconds=60))


def main() -> None:
    """Measure and print."""
    keep_quiet()
    print(json.dumps({kind: measured(kind) for kind in BOTH}))
    databases.close()


def measured(kind: str) -> dict[str, float]:
    """Return the median of scans among few and among many, taken in turns."""
    taken: dict[str, list[float]] = {"few": [], "many": []}
    with ExitStack() as stack:
        few, many = (stack.enter_context(crowded(kind, count)) for count in (FEW, MANY))
        for _ in range(TIMES):
            taken["few"].append(milliseconds(few))
            taken["many"].append(milliseconds(many))
    return {name: statistics.median(times) for name, times in taken.items()}


@contextmanager
def crowded(kind: str, count: int) -> Iterator[System]:
    """Make a home with so many open cases, the same number of them due."""
    with tempfile.TemporaryDirectory(prefix="vs-bench-") as folder:
        home = Path(folder)
        made = system(home, **databases.environ(home, kind))
        admitted(made)
        crowd.fill(made.app.database, only_case(made.app.database), count, made.app.clock.now())
        yield made
        made.app.database.close()


def only_case(database: Database) -> str:
    """Return the id of the case that there is."""
    with database.reading() as connection:
        found: str = connection.execute(select(cases.c.id)).scalar_one()
    return found


def milliseconds(made: System) -> float:
    """Return how long one scan takes that rings for everything due, and let all be due again."""
    database, system_now, now = made.app.database, made.clock.now(), made.app.clock.now()
    start = time.perf_counter()
    due = scan.due_cases(database, system_now, now, PACE)
    taken = (time.perf_counter() - start) * 1000
    assert len(due) == crowd.DUE
    crowd.calm(database, [one.key for one in due])
    return taken


if __name__ == "__main__":
    main()
