"""What one home leaves to the next: engines with all that they compiled, and rules as they were read.

Making these anew took a test that looks into a home a third of its time. Nothing of it tells a home from another:
an engine that was given back connects wherever the next home is, and a file of rules is read again once it differs.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import URL, Engine, event

from pipeline import settings, wiring
from pipeline.domain.calendar import Calendar
from pipeline.domain.policy import Policy
from pipeline.store.engines import Database


class _Moving:
    """An engine, and where it connects now."""

    def __init__(self, engine: Engine, url: URL) -> None:
        self.engine, self.url = engine, url
        event.listen(engine, "do_connect", self._go)

    def _go(self, dialect: Any, record: object, positions: list[Any], names: dict[str, Any]) -> None:
        if dialect.name == "sqlite":
            positions[:] = [self.url.database]
        elif self.url.database:
            names["dbname"] = self.url.database


class LentDatabase(Database):
    """The product's own, with engines that served another home before; nothing that it holds need outlive us."""

    _spare: Final[dict[Hashable, list[_Moving]]] = {}

    def __init__(self, url: str, **given: Any) -> None:
        super().__init__(url, **{**given, "is_durable": False})

    def _server(self) -> Engine:
        return self._lent((self._name, self._connections), super()._server)

    def _sqlite(self, *, writes: bool) -> Engine:
        Path(self.url.database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make = super()._sqlite
        return self._lent(writes, lambda: make(writes=writes))

    def _lent(self, kind: Hashable, make: Callable[[], Engine]) -> Engine:
        spare = self._spare.setdefault((self.url.set(database=""), kind), [])
        made = spare.pop() if spare else _Moving(make(), self.url)
        made.url = self.url
        weakref.finalize(self, _give_back, made, spare)
        return made.engine


def _give_back(made: _Moving, spare: list[_Moving]) -> None:
    """Keep an engine for the next home, unless a test still listens to it."""
    made.engine.dispose()
    if not made.engine._has_events:
        spare.append(made)


_policies: Final[dict[tuple[Path, str], Policy]] = {}
_calendars: Final[dict[tuple[tuple[Path, str], ...], Calendar]] = {}


def _policy(path: Path) -> Policy:
    try:
        key = path, path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return settings.load_policy(path)  # says what is wrong with it
    if key not in _policies:
        _policies[key] = settings.load_policy(path)
    return _policies[key]


def _calendar(folder: Path) -> Calendar:
    try:
        key = tuple((file, file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.toml")))
    except (OSError, ValueError):
        return settings.load_calendar(folder)  # says what is wrong with it
    if key not in _calendars:
        _calendars[key] = settings.load_calendar(folder)
    return _calendars[key]


def lend(patch: pytest.MonkeyPatch) -> None:
    """Let every home of this process have what those before it left."""
    patch.setattr(wiring, "Database", LentDatabase)
    patch.setattr(wiring, "load_policy", _policy)
    patch.setattr(wiring, "load_calendar", _calendar)
