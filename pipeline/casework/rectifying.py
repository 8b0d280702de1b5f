"""What the register itself got wrong, put right: a new version under the same number, with its logo and a letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pipeline.casework import correspondence, effects, issuing, providers, registered, walk
from pipeline.casework.dossier import Dossier
from pipeline.casework.draft import Draft
from pipeline.contract import received_on
from pipeline.domain.hours import Hours
from pipeline.domain.registrations import Status
from pipeline.errors import UsageError
from pipeline.store import rows, tables
from pipeline.store.unit import Change, new
from pipeline.wiring import App


@dataclass(frozen=True)
class Right:
    """What is to stand in the register; None leaves what stands there.

    Attributes:
        provider: the provider's name; it is put right wherever that is kept, of other registrations once they change.
    """

    title: str | None = None
    provider: str | None = None
    hours: Hours | None = None


class Correction(NamedTuple):
    """One thing that is put right; hours as ``contact`` and ``self_study``, decimals as text."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Planned:
    """What is to be put right of a version of a registration."""

    known: Dossier
    version: rows.Registration
    corrections: tuple[Correction, ...]


def plan(app: App, number: str, right: Right) -> Planned:
    """Return what would be put right, changing nothing.

    Raises:
        NotFound: no registration has this number.
        UsageError: it is not in force, a decision about it is on its way, or nothing differs.
    """
    with app.database.reading() as connection:
        version = registered.stood(connection, number)
        registered.require_valid(version, received_on(app.clock.now()), "rectified")
        known = registered.holder(connection, version)
    found = tuple(_corrections(version, right))
    if not found:
        raise UsageError(
            f"Version {version.version} of registration {number} says so already: nothing differs."
        )
    return Planned(known, version, found)


def _corrections(version: rows.Registration, right: Right) -> Iterator[Correction]:
    if right.title is not None and right.title != version.title:
        yield Correction("title", version.title, right.title)
    if right.provider is not None and right.provider != version.provider_name:
        yield Correction("provider", version.provider_name, right.provider)
    if right.hours is not None and right.hours != (stands := Hours.from_text(version.hours)):
        yield Correction("hours", _parts(stands), _parts(right.hours))


def _parts(hours: Hours) -> dict[str, str]:
    return {"contact": str(hours.contact), "self_study": str(hours.self_study)}


def rectify(app: App, number: str, right: Right, reason: str, by: str) -> Planned:
    """Put right what a registration says; a second time nothing differs.

    Args:
        reason: in Dutch, for the provider and the journal.
        by: the name of whoever puts it right, for the journal.

    Raises:
        as ``plan`` does.
    """
    planned = plan(app, number, right)
    walk.advance(app, planned.known.case.id, by, lambda draft: _rectify(draft, number, right, reason))
    return planned


def _rectify(draft: Draft, number: str, right: Right, reason: str) -> None:
    former = registered.held(draft, number)
    corrections = tuple(_corrections(former, right))
    if not corrections or former.state != Status.VALID:
        return  # somebody else was faster
    put_right = {one.field: one.new for one in corrections}
    version = _replaced(draft, former, put_right)
    _rename(draft, right)
    facts = {"corrections": [one._asdict() for one in corrections], "reason": reason}
    draft.note("rectified", number=version.number, version=version.version, **facts)
    logo = issuing.drawn(draft, version)
    correspondence.to_provider(draft, "rectified", {**facts, "logo": logo})


def _replaced(draft: Draft, former: rows.Registration, put_right: Mapping[str, Any]) -> rows.Registration:
    """Let a version take the place of the one before, in force from today as long as that would have been."""
    version = replace(
        former,
        version=former.version + 1,
        title=put_right.get("title", former.title),
        provider_name=put_right.get("provider", former.provider_name),
        hours=put_right.get("hours", former.hours),
        valid_from=draft.today,
        decided_on=draft.today,
    )
    key = {"number": former.number, "version": former.version, "state": Status.VALID}
    draft.op(
        Change(tables.registrations, key, {"state": Status.REPLACED, "ended_on": draft.today}), new(version)
    )
    draft.dossier = replace(draft.dossier, registration=version)
    draft.published = version.number, version.version
    return version


def _rename(draft: Draft, right: Right) -> None:
    if right.provider is not None:
        effects.change_provider(draft, providers.renamed(draft.dossier.provider, right.provider))
