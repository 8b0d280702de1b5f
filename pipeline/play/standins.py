"""Who gives a verdict: the register assigns reviewers itself, so the one named may have a stand-in."""

from __future__ import annotations

from typing import Any

from pipeline.casework import dossier, providers
from pipeline.casework.around import known_of
from pipeline.contract import EventType
from pipeline.contract.fields import storable_line
from pipeline.domain.eligibility import tie
from pipeline.play.script import Line, parsed
from pipeline.store import rows, tables
from pipeline.store.reading import by_id, by_number, one_of
from pipeline.wiring import App


class StandIns:
    """Keeps for each case which reviewer stands in for which name."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._given: dict[str, dict[str, str]] = {}

    def remember(self, case: str, name: str, reviewer: str) -> None:
        """Note that a verdict of this name on a case was given by this reviewer."""
        self._given.setdefault(case, {})[name] = reviewer

    def learn(self, line: Line, raw: bytes) -> None:
        """Note who stood in for whom in a verdict just dropped; a refused one is not a first one."""
        dropped = parsed(raw)
        if line.document is None or dropped is None or dropped.get("type") != EventType.REVIEW_GIVEN:
            return
        table = tables.events
        same = (table.c.source == dropped.get("source"), table.c.event_id == dropped.get("id"))
        with self._app.database.reading() as connection:
            accepted = one_of(connection, rows.Event, *same, table.c.state == "accepted")
        if accepted is not None:
            self.remember(
                dropped["data"]["case"], line.document["data"]["reviewer"], dropped["data"]["reviewer"]
            )

    def for_verdict(self, document: dict[str, Any]) -> str | None:
        """Return who is to give a verdict, or None when it is dropped as it is."""
        data = document.get("data")
        if document.get("type") != EventType.REVIEW_GIVEN or not isinstance(data, dict):
            return None
        number, name = data.get("case"), data.get("reviewer")
        if not isinstance(number, str) or not isinstance(name, str):
            return None
        if not storable_line(number) or not storable_line(name) or not self._may_have_one(number, name):
            return None
        standing = self._given.get(number, {})
        return standing[name] if name in standing else self._free(number, name, standing)

    def _may_have_one(self, number: str, name: str) -> bool:
        """Say whether the name is known and without an interest; else the refusal is the point."""
        with self._app.database.reading() as connection:
            case = by_number(connection, number)
            reviewer = by_id(connection, rows.Reviewer, name)
            if case is None or reviewer is None:
                return False
            return tie(known_of(reviewer, 0), providers.numbers_of(connection, case.provider_id)) is None

    def _free(self, number: str, name: str, standing: dict[str, str]) -> str | None:
        """Return the one named if assigned and free, else the first assigned who stands in for nobody."""
        with self._app.database.reading() as connection:
            case = by_number(connection, number)
            if case is None:
                return None
            known = dossier.read_with(connection, case)
        order = sorted(known.assignments, key=lambda one: (one.asked_at, one.reviewer_id))
        free = [one.reviewer_id for one in order if one.reviewer_id not in standing.values()]
        return name if name in free else next(iter(free), None)
