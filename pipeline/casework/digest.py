"""The digest: one letter a working day to the owner about every case whose deadline comes near."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Final, NamedTuple

import structlog
from sqlalchemy import select

from pipeline.casework import claiming, digest_days, dossier, moving, projection, waiting, walk
from pipeline.casework.draft import Draft
from pipeline.casework.posting import SHOWN, post, whom
from pipeline.domain import leaving
from pipeline.domain.reminders import DIGEST, Due, Ring
from pipeline.errors import Stale
from pipeline.mail.literal import shortened
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import Op
from pipeline.wiring import App

MOST: Final = 500  # cases that one digest tells of, the nearest deadlines first; the rest come the day after
PAGE: Final = 200
_log = structlog.get_logger()


class Near(NamedTuple):
    """A case whose deadline comes near, the reminder that says so, and what the letter tells of it."""

    draft: Draft
    ring: Ring
    told: Mapping[str, object]


def near(draft: Draft, due: Due) -> Near | None:
    """Return what a digest is to tell of this case, if anything."""
    ring = next((ring for ring in due.send if ring.letter == DIGEST), None)
    return None if ring is None else Near(draft, ring, _told(draft, ring))


def write(app: App, by: str) -> int:
    """Write one letter about every case that is due for it, and claim their reminders and the day with it.

    Safe to call twice, or by two at once: what one has claimed the other no longer finds due. A case
    that keeps changing meanwhile is left out, and comes next.

    Returns:
        Of how many cases it tells; without any there is no letter.

    Raises:
        Stale: the cases kept changing under our hands.
    """
    seen: dict[str, list[int]] = {}
    for left in reversed(range(walk.TRIES)):
        told_on = digest_days.last(app)
        found = list(islice(_found(app, by, seen, told_on), MOST))
        if not found:
            break
        try:
            _write(app, found, told_on)
        except Stale:
            if not left:
                raise
        else:
            return len(found)
    return 0


def _write(app: App, found: Sequence[Near], told_on: date | None) -> None:
    drafts = sorted((one.draft for one in found), key=lambda draft: draft.case.id)
    now, today = drafts[0].now, drafts[0].today
    for draft in drafts:
        draft.digest_on = today
    also = [*_letter(app, now, found, drafts[0].hint), *digest_days.claim(told_on, today)]
    moving.write_together(drafts, also)


def _found(app: App, by: str, seen: dict[str, list[int]], told_on: date | None) -> Iterator[Near]:
    """Claim in memory what is due of each case that does not keep changing, the nearest deadline first."""
    now = app.clock.now()
    for known in _candidates(app, now):
        versions = seen.setdefault(known.case.id, [])
        versions += [known.case.version] if known.case.version not in versions else []
        if len(versions) <= 2:
            draft = Draft(app, known, now, by)
            draft.digest_on = told_on
            yield from _claimed(draft)


def _candidates(app: App, now: datetime) -> Iterator[dossier.Dossier]:
    """Yield every case that is due, the nearest deadline first, read a page at a time."""
    table = tables.cases
    with app.database.reading() as connection:
        due = select(table.c.id).where(table.c.wake_at <= now).order_by(table.c.due_on, table.c.id)
        wanted = list(connection.execute(due).scalars())
    for start in range(0, len(wanted), PAGE):
        page = table.c.id.in_(wanted[start : start + PAGE])
        order = [table.c.due_on, table.c.id]
        with app.database.reading() as connection:
            known = dossier.read_many(connection, all_of(connection, rows.Case, page, order=order))
        yield from known


def _claimed(draft: Draft) -> Iterator[Near]:
    """Whatever is wrong with a case must not keep the others waiting; it shows when its own turn comes."""
    try:
        if projection.is_silent(draft) or walk.is_answer_overdue(draft):
            return
        due = projection.due(draft)
        found = near(draft, due)
        if found is None:
            return
        for one in due.superseded:
            if one.by == found.ring.key:
                claiming.claim(draft, one.ring, one.by)
        claiming.claim(draft, found.ring)
    except Exception:  # noqa: BLE001 -- the others must not wait for one that has something wrong
        _log.exception("not_in_digest", case=draft.case.number)
    else:
        yield found


def _letter(app: App, now: datetime, found: Sequence[Near], hint: Callable[[str, str], None]) -> list[Op]:
    """Return the digest about these cases, the nearest deadline first.

    Args:
        hint: rings for what carries it on, once it is written.
    """
    owner = whom(app, "late")
    ordered = sorted(found, key=lambda one: (one.ring.day, one.draft.case.number))
    facts = {"owner": {"name": owner.name}, "cases": [one.told for one in ordered]}
    send_by = leaving.end_of(ordered[0].ring.day)
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
