"""What a home has stored already, so that a second run drops nothing twice."""

from __future__ import annotations

import copy
from typing import Any

from sqlalchemy import select

from pipeline.contract import EventType, content_digest
from pipeline.play.script import parsed
from pipeline.store import tables
from pipeline.wiring import App


class Stored:
    """Events of a home as they were when the play began."""

    def __init__(self, app: App) -> None:
        table = tables.events
        self._reviewers: dict[tuple[Any, Any, str], tuple[str, str | None]] = {}
        self._digests: set[str] = set()
        with app.database.reading() as connection:
            for row in connection.execute(select(table.c.raw, table.c.digest, table.c.state)):
                self._digests.add(row.digest)
                self._note(parsed(row.raw), row.state)

    def _note(self, document: dict[str, Any] | None, state: str) -> None:
        if document is not None:
            self._reviewers[_key(document)] = (state, _reviewer(document))

    def has_bytes(self, digest: str) -> bool:
        """Say whether bytes with this SHA-256 are stored, whatever they are."""
        return digest in self._digests

    def has(self, document: dict[str, Any]) -> bool:
        """Say whether an event with this source, id and content is stored, whoever stood in for a reviewer."""
        return _key(document) in self._reviewers

    def accepted_reviewer(self, document: dict[str, Any]) -> str | None:
        """Return who gave this verdict, if it was accepted."""
        state, reviewer = self._reviewers.get(_key(document), ("", None))
        return reviewer if state == "accepted" else None


def _key(document: dict[str, Any]) -> tuple[Any, Any, str]:
    return str(document.get("source")), str(document.get("id")), content_digest(_anonymous(document))


def _anonymous(document: dict[str, Any]) -> dict[str, Any]:
    if document.get("type") != EventType.REVIEW_GIVEN or not isinstance(document.get("data"), dict):
        return document
    without = copy.deepcopy(document)
    without["data"].pop("reviewer", None)
    return without


def _reviewer(document: dict[str, Any]) -> str | None:
    data = document.get("data")
    reviewer = data.get("reviewer") if isinstance(data, dict) else None
    return reviewer if isinstance(reviewer, str) else None
