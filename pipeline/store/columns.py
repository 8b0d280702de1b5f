"""How moments and records are stored: the same in SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Dialect, Text, cast, type_coerce
from sqlalchemy.types import TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What is written is a tree: looking for circles in it takes as long as writing it.
as_json: Final = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode


class Instant(TypeDecorator[datetime]):
    """An aware moment as whole microseconds since 1970 in UTC; both databases order those alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


def moment(microseconds: int) -> datetime:
    """Return the moment so long after the beginning of 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def as_it_lies(column: ColumnElement[Any], *, is_sqlite: bool) -> ColumnElement[Any]:
    """Return a day or a JSON value as text; in SQLite whatever lies there, which need not be text."""
    return type_coerce(column, Text) if is_sqlite else cast(column, Text)
