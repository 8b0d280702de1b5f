"""The digest: one letter to the owner about every case whose deadline comes near."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

import structlog
from sqlalchemy import select

from pipeline.casework import claiming, dossier, moving, projection, waiting, walk
from pipeline.casework.draft import Draft
from pipeline.casework.posting import SHOWN, post, whom
from pipeline.domain import leaving
from pipeline.domain.reminders import Ring
from pipeline.errors import Stale
from pipeline.mail.literal import shortened
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import Op
from pipeline.wiring import App

DIGEST: Final = "deadline_digest"
MOST: Final = 500  # cases that one digest tells of; what is left comes in the next
PAGE: Final = 200
Near = tuple[Draft, Ring]  # a case whose deadline comes near, and the reminder that says so
_log = structlog.get_logger()


def is_due(app: App, case_id: str, by: str) -> bool:
    """Say whether this case is to be told of in a digest."""
    with app.database.reading() as connection:
        draft = Draft(app, dossier.read(connection, case_id), app.clock.now(), by)
    return not projection.is_silent(draft) and _near(draft) is not None


def write(app: App, by: str) -> int:
    """Write one letter about every case that is due for it, and claim their reminders with it.

    Safe to call twice, or by two at once: what one has claimed the other no longer finds due. A case
    that keeps changing meanwhile is left out, and comes next.

    Returns:
        Of how many cases it tells; without any there is no letter.

    Raises:
        Stale: the cases kept changing under our hands.
    """
    seen: dict[str, list[int]] = {}
    for left in reversed(range(walk.TRIES)):
        found = list(islice(_found(app, by, seen), MOST))
        if not found:
            break
        drafts = [draft for draft, _ in found]
        also = letter(app, drafts[0].now, found, drafts[0].hint)
        try:
            moving.write_together(drafts, also)
        except Stale:
            if not left:
                raise
        else:
            return len(found)
    return 0


def _found(app: App, by: str, seen: dict[str, list[int]]) -> Iterator[Near]:
    """Claim in memory what is due of each case that does not keep changing, in the order of their ids."""
    now = app.clock.now()
    for known in _candidates(app, now):
        versions = seen.setdefault(known.case.id, [])
        versions += [known.case.version] if known.case.version not in versions else []
        if len(versions) <= 2:
            yield from _claimed(Draft(app, known, now, by))


def _candidates(app: App, now: datetime) -> Iterator[dossier.Dossier]:
    """Yield every case that is due, in the order of their ids, read a page at a time."""
    table = tables.cases
    with app.database.reading() as connection:
        due = select(table.c.id).where(table.c.wake_at <= now).order_by(table.c.id)
        wanted = list(connection.execute(due).scalars())
    for start in range(0, len(wanted), PAGE):
        page = table.c.id.in_(wanted[start : start + PAGE])
        with app.database.reading() as connection:
            known = dossier.read_many(connection, all_of(connection, rows.Case, page, order=[table.c.id]))
        yield from known


def _claimed(draft: Draft) -> Iterator[Near]:
    """Whatever is wrong with a case must not keep the others waiting; it shows when its own turn comes."""
    try:
        if projection.is_silent(draft) or walk.is_answer_overdue(draft):
            return
        ring = _near(draft)
        if ring is None:
            return
        for one in projection.due(draft).superseded:
            if one.by == ring.key:
                claiming.claim(draft, one.ring, one.by)
        claiming.claim(draft, ring)
    except Exception:  # noqa: BLE001 -- the others must not wait for one that has something wrong
        _log.exception("not_in_digest", case=draft.case.number)
    else:
        yield draft, ring


def _near(draft: Draft) -> Ring | None:
    return next((ring for ring in projection.due(draft).send if ring.letter == DIGEST), None)


def letter(app: App, now: datetime, near: Sequence[Near], hint: Callable[[str, str], None]) -> list[Op]:
    """Return the digest about these cases, the nearest deadline first.

    Args:
        hint: rings for what carries it on, once it is written.
    """
    owner = whom(app, "late")
    ordered = sorted(near, key=lambda one: (one[1].day, one[0].case.number))
    facts = {"owner": {"name": owner.name}, "cases": [_told(draft, ring) for draft, ring in ordered]}
    send_by = leaving.end_of(ordered[0][1].day)
    posted = post(app, now, DIGEST, facts, to=owner.email, send_by=send_by)
    if posted.letter.retry_at is not None:
        hint("dispatch", posted.letter.id)
    return posted.ops


def _told(draft: Draft, ring: Ring) -> dict[str, object]:
    return {
        "number": draft.case.number,
        "title": shortened(draft.case.title, SHOWN),
        "provider": shortened(draft.dossier.provider.name, SHOWN),
        "due_on": ring.day,
        "days_left": (ring.day - draft.today).days,
        "waits_for": waiting.in_dutch(draft.dossier),
    }
