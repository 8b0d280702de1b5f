"""Work on a row begun: counted where it is a repeat, ended in order, or parked.

A first hint begins at once and costs nothing. A repeat, which the waker's scan rings or a dead worker
had, says that an earlier start may have ended with its process. So it is counted first, in a commit of its
own; whatever ends in order takes that back, and what never does is parked instead of begun once more.

A process that ends takes its neighbours along. Repeats of which a start never ended are under suspicion
and begun one at a time in each process, so that a killer is soon the only one that is counted.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Table

from pipeline.broker.queues import AGAIN
from pipeline.errors import Busy, Unreachable
from pipeline.store import starts
from pipeline.wiring import App

PATIENCE_SECONDS: Final = 1.0  # for the turn of what is under suspicion; then it waits to be rung again
_NEVER_ENDED: Final = (
    "It was begun {} times and never came to an end: each time its process died, or it took too long."
)

_log = structlog.get_logger()
_guard = threading.Lock()
_at_work: Counter[tuple[str, str]] = Counter()  # the rows that threads of this process are at
_suspects = threading.Lock()


@dataclass(frozen=True)
class Work:
    """What there is to do about one row that the waker rings.

    Attributes:
        most_attempts: after how many errors it is parked.
        ways_to_park: given what went wrong; where one fails, or ends the process, the next is taken.
    """

    table: Table
    key: str
    do: Callable[[], None]
    most_attempts: int
    ways_to_park: Sequence[Callable[[str], None]]


def run(app: App, work: Work, again: str) -> None:
    """Do the work, unless it is a repeat that is to be parked, or that a thread of this process is at.

    Args:
        again: the second word of the hint; only the one for a repeat means anything.

    Raises:
        Busy: a thread beside this one is at it.
        Unreachable: the database does not answer; where it stays so, a start that was counted does too.
        Exception: whatever the work ended with, which is kept on the row.
    """
    with _at(work) as others:
        if again != AGAIN:
            _do(app, work)
        elif not others:
            _repeat(app, work)


@contextmanager
def _at(work: Work) -> Iterator[int]:
    """Say how many other threads of this process are at the same row."""
    row = (work.table.name, work.key)
    with _guard:
        others = _at_work[row]
        _at_work[row] += 1
    try:
        yield others
    finally:
        with _guard:
            _at_work[row] -= 1
            if not _at_work[row]:
                del _at_work[row]


def _repeat(app: App, work: Work) -> None:
    seen = starts.unfinished(app.database, work.table, work.key)
    if seen is None:
        return
    with _turn(is_suspect=seen > 0) as has_turn:
        if has_turn and starts.count(app.database, work.table, work.key, seen):
            _counted(app, work, seen + 1)


@contextmanager
def _turn(*, is_suspect: bool) -> Iterator[bool]:
    if not is_suspect:
        yield True
        return
    has_turn = _suspects.acquire(timeout=PATIENCE_SECONDS)
    try:
        yield has_turn
    finally:
        if has_turn:
            _suspects.release()


def _counted(app: App, work: Work, start: int) -> None:
    most = app.policy.machinery.unfinished_before_parked
    if start > most:  # parking is counted too: the way that ended the process is not taken again
        _park(work, _NEVER_ENDED.format(most), start - most - 1)
        return
    try:
        _do(app, work)
    except (Unreachable, Busy):
        with suppress(Unreachable):  # it was nothing of the row, unless the database is away because of it
            starts.end(app.database, work.table, work.key, start, left=start - 1)
        raise
    starts.end(app.database, work.table, work.key, start)


def _do(app: App, work: Work) -> None:
    try:
        work.do()
    except (Unreachable, Busy):
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        if starts.fail(app.database, work.table, work.key, told) >= work.most_attempts:
            _park(work, told)
        raise


def _park(work: Work, error: str, failed_ways: int = 0) -> None:
    last = len(work.ways_to_park) - 1
    for way in work.ways_to_park[min(failed_ways, last) : last]:
        try:
            way(error)
            return
        except Unreachable:
            raise
        except Exception:  # noqa: BLE001 -- what keeps a row from moving may keep it from being parked in full
            _log.exception("not_parked_in_full", row=work.table.name, key=work.key)
    work.ways_to_park[last](error)
