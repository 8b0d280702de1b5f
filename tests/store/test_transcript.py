"""A row that is written as a line and put into another database is the same row there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    null,
    select,
)

from pipeline.errors import UsageError
from pipeline.store.backup import reflected
from pipeline.store.columns import Instant
from pipeline.store.engines import Database
from pipeline.store.transcript import Transcript
from tests.databases import POSTGRESQL, SQLITE, databases

metadata = MetaData()


def columns(moment: Any) -> tuple[Column[Any], ...]:
    return (
        Column("id", String(32), primary_key=True),
        Column("count", Integer),
        Column("at", moment),
        Column("day", Date),
        Column("told", Text),
        Column("raw", LargeBinary),
        Column("facts", JSON),
        Column("yes", Boolean),
    )


odd = Table("odd", metadata, *columns(Instant))
as_found = Table("odd", MetaData(), *columns(BigInteger))  # what a look into a database makes of it
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
plain: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones())
rows = st.fixed_dictionaries(
    {
        "count": st.none() | st.integers(-(2**31), 2**31 - 1),
        "at": st.none() | moments,
        "day": st.none() | st.dates(),
        "told": st.none() | texts,
        "raw": st.none() | st.binary(),
        "facts": st.lists(plain, max_size=3)
        | st.dictionaries(texts, plain, max_size=3)
        | st.just(null())
        | st.none(),
        "yes": st.none() | st.booleans(),
    }
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Database]]:
    folder = tmp_path_factory.mktemp("odd")
    made = {
        SQLITE: Database(f"sqlite:///{folder}/odd.db"),
        POSTGRESQL: Database(databases.bare(folder, POSTGRESQL)["PIPELINE_DATABASE_URL"]),
    }
    for database in made.values():
        metadata.create_all(database.writers)
    yield made
    for database in made.values():
        database.close()
    databases.give_back(folder)


def put(database: Database, some: list[dict[str, Any]]) -> None:
    with database.writing() as connection:
        connection.execute(odd.delete())
        for key, row in enumerate(some):
            connection.execute(odd.insert().values(id=f"{key}", **row))


def lines(database: Database) -> list[bytes]:
    with database.reading() as connection:
        return list(Transcript(reflected(connection, ["odd"]).tables["odd"]).lines(connection))


def carry(written: list[bytes], database: Database) -> None:
    with database.writing() as connection:
        connection.execute(odd.delete())
        transcript = Transcript(reflected(connection, ["odd"]).tables["odd"])
        into = transcript.inserting(json_is_typed=connection.dialect.name == "postgresql")
        connection.execute(into, [transcript.read(line) for line in written])


def found(database: Database) -> list[Any]:
    facts_are_null = odd.c.facts.is_(null())  # which is not the same as JSON's own null
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(odd, facts_are_null).order_by(odd.c.id))]


NOTHING: dict[str, Any] = dict.fromkeys(("count", "at", "day", "told", "raw", "yes"))


@pytest.mark.parametrize(("first", "second"), [(SQLITE, POSTGRESQL), (POSTGRESQL, SQLITE)])
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(some=st.lists(rows, min_size=1, max_size=9))
@example(
    some=[NOTHING | {"facts": facts} for facts in ([1.10, "12", None], {"z": 1, "a": "\u2028"}, None, null())]
)
def test_row_is_the_same_wherever_it_is_carried(
    both: dict[str, Database], first: str, second: str, some: list[dict[str, Any]]
) -> None:
    put(both[first], some)
    written, before = lines(both[first]), found(both[first])

    carry(written, both[second])

    assert found(both[second]) == before
    assert lines(both[second]) == written


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"id": "1"}',
        b'{"id":"1","count":"1","at":null,"day":null,"told":null,"raw":null,"facts":null,"yes":null}',
        b'{"id":"1","count":true,"at":null,"day":null,"told":null,"raw":null,"facts":null,"yes":null}',
        b'{"id":"1","count":null,"at":null,"day":"2026","told":null,"raw":null,"facts":null,"yes":null}',
        b'{"id":"1","count":null,"at":null,"day":null,"told":null,"raw":"\xc3\xa9","facts":null,"yes":null}',
        b'{"id":"1","count":null,"at":null,"day":null,"told":null,"raw":"A","facts":null,"yes":null}',
        b'{"id":"1","count":null,"at":null,"day":null,"told":null,"raw":7,"facts":null,"yes":null}',
        b'{"id":"1","count":null,"at":null,"day":null,"told":null,"raw":null,"facts":{},"yes":null}',
        b"[" * 100_000,
    ],
)
def test_line_that_is_no_row_of_the_table_is_refused(line: bytes) -> None:
    with pytest.raises(UsageError, match="A row of odd in the backup cannot be read"):
        Transcript(as_found).read(line)


def test_column_of_a_type_that_nobody_thought_of_is_not_written() -> None:
    with pytest.raises(TypeError, match="strange"):
        Transcript(Table("other", MetaData(), Column("strange", Numeric, primary_key=True)))


def test_line_is_readable_json_of_plain_values() -> None:
    day = date(2026, 11, 24)
    row = {
        "id": "1",
        "count": 2,
        "at": 3,
        "day": day,
        "told": "é\n",
        "raw": b"\0",
        "facts": "{}",
        "yes": True,
    }
    assert Transcript(as_found).written(row) == (
        '{"id":"1","count":2,"at":3,"day":"2026-11-24","told":"é\\n","raw":"AA==","facts":"{}","yes":true}\n'.encode()
    )
