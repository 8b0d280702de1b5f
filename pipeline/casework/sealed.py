"""What the signed checkpoints say of the journal, those stored here and those kept elsewhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Connection, func, select, tuple_, type_coerce

from pipeline import signing
from pipeline.casework import checkpoints as making
from pipeline.domain import checkpoints
from pipeline.domain.checkpoints import Document, Head
from pipeline.errors import UsageError
from pipeline.store import tables
from pipeline.store.columns import as_it_lies, moment
from pipeline.wiring import App

Json = dict[str, Any]
_BATCH: Final = 300
_UNREADABLE: Final = (TypeError, ValueError, OverflowError)


@dataclass(frozen=True)
class Kept:
    """A checkpoint that was kept elsewhere; ``name`` is that of its file."""

    name: str
    raw: bytes
    signature: bytes
    key_id: str


def fault(
    says: str, *, case: str | None = None, row: int | None = None, checkpoint: int | None = None
) -> Json:
    """Return a fault under its public keys."""
    return {"case": case, "row": row, "checkpoint": checkpoint, "says": says}


def read_kept(path: Path, content: bytes) -> Kept:
    """Read the file of a checkpoint.

    Raises:
        UsageError: it is none.
    """
    try:
        value = json.loads(content)
        signature = base64.b64decode(value["signature"], validate=True)
        return Kept(path.name, value["document"].encode("ascii"), signature, str(value["key_id"]))
    except (KeyError, AttributeError, *_UNREADABLE):
        raise UsageError(
            f"{path} is no checkpoint; `pipeline journal checkpoint --out` writes one."
        ) from None


def count(connection: Connection) -> int:
    """Return how many checkpoints there are."""
    return int(connection.execute(select(func.count()).select_from(tables.checkpoints)).scalar_one())


def faults(app: App, connection: Connection, kept: Iterable[Kept]) -> Iterator[Json]:
    """Tell what is wrong with the checkpoints, and where the journal is not as they say."""
    keys = making.known_keys(app)
    home = connection.execute(select(tables.home.c.name)).scalar_one_or_none()
    expected, former = 1, _Former("", is_known=True)
    for place in _places(connection):
        if place != expected:
            yield fault(f"is missing, though there is a checkpoint {place}", checkpoint=expected)
            former = _UNKNOWN
        expected = place + 1
        row = _row(connection, place)
        if row is None:
            yield fault("holds what no checkpoint can hold", checkpoint=place)
            former = _UNKNOWN
        else:
            yield from _stored(connection, row, keys, home, former)
            former = _Former(checkpoints.digest(row.document), is_known=True)
    for one in kept:
        yield from _elsewhere(connection, one, keys)


class _Former(NamedTuple):
    """Digest of the checkpoint before; empty before the first."""

    digest: str
    is_known: bool


_UNKNOWN: Final = _Former("", is_known=False)


class _Stored(NamedTuple):
    """A checkpoint as it lies in the database."""

    place: int
    day: str
    at: datetime
    document: bytes
    signature: bytes
    key_id: str


def _places(connection: Connection) -> list[int]:
    table = tables.checkpoints
    return list(connection.execute(select(table.c.place).order_by(table.c.place)).scalars())


def _row(connection: Connection, place: int) -> _Stored | None:
    """Return a checkpoint, or None where it holds what it cannot hold."""
    table = tables.checkpoints
    day = as_it_lies(table.c.day, is_sqlite=connection.dialect.name == "sqlite")
    columns = (table.c.place, day, type_coerce(table.c.at, BigInteger))
    query = select(*columns, table.c.document, table.c.signature, table.c.key_id)
    _, day, at, document, signature, key_id = connection.execute(query.where(table.c.place == place)).one()
    is_fit = isinstance(document, bytes) and isinstance(signature, bytes) and isinstance(key_id, str)
    try:
        return _Stored(place, day, moment(at), document, signature, key_id) if is_fit else None
    except _UNREADABLE:
        return None


def _stored(
    connection: Connection, row: _Stored, keys: Mapping[str, bytes], home: str | None, former: _Former
) -> Iterator[Json]:
    wrong, is_altered = _signature(row.key_id, row.document, row.signature, keys)
    if wrong:
        yield fault(wrong, checkpoint=row.place)
    if is_altered:
        return
    try:
        document = checkpoints.read(row.document)
    except ValueError as error:
        yield fault(f"cannot be read: {error}", checkpoint=row.place)
        return
    if (document.place, document.day.isoformat(), document.at) != (row.place, row.day, row.at):
        yield fault(f"stands there as of {row.day}, and is of {document.day}", checkpoint=row.place)
    if former.is_known and (document.former or "") != former.digest:
        yield fault("does not follow on the checkpoint before it", checkpoint=row.place)
    if document.home not in (home, ""):
        yield fault(f"is of another home, {document.home}", checkpoint=row.place)
    yield from _heads(connection, document)


def _signature(key_id: str, document: bytes, signature: bytes, keys: Mapping[str, bytes]) -> tuple[str, bool]:
    """Return what is wrong with a signature, if anything, and whether the document was surely altered."""
    if key_id not in keys:
        return f"is signed by the key {key_id}, which is not known here: lay {key_id}.pub in keys/", False
    if not signing.is_signed(keys[key_id], document, signature):
        return "was altered, or is not signed by the key that it names", True
    return "", False


def _elsewhere(connection: Connection, kept: Kept, keys: Mapping[str, bytes]) -> Iterator[Json]:
    wrong, is_altered = _signature(kept.key_id, kept.raw, kept.signature, keys)
    if wrong:
        yield fault(f"{kept.name} {wrong}")
    if is_altered:
        return
    try:
        document = checkpoints.read(kept.raw)
    except ValueError as error:
        yield fault(f"{kept.name} cannot be read: {error}")
        return
    stored = _row(connection, document.place) if document.place in _places(connection) else None
    if stored is None:
        says = f"is missing here, and was kept in {kept.name}"
    elif stored.document != kept.raw:
        says = f"is another one here than was kept in {kept.name}"
    else:
        return
    yield fault(f"of {document.day} {says}", checkpoint=document.place)
    yield from _heads(connection, document)


def _heads(connection: Connection, document: Document) -> Iterator[Json]:
    """Tell of each chain that is shorter than a checkpoint says, or has another row there."""
    table = tables.journal
    heads = iter(document.heads.items())
    while batch := list(islice(heads, _BATCH)):
        rows = tuple_(table.c.chain, table.c.place).in_([(chain, head.length) for chain, head in batch])
        hashes = select(table.c.chain, table.c.hash).where(rows)
        found = {row.chain: row.hash for row in connection.execute(hashes)}
        for chain, head in batch:
            if found.get(chain) != head.hash:
                yield _differing(connection, document, chain, head, is_there=chain in found)


def _differing(connection: Connection, document: Document, chain: str, head: Head, *, is_there: bool) -> Json:
    number = connection.execute(select(tables.cases.c.number).where(tables.cases.c.id == chain))
    of = f"the checkpoint of {document.day}"
    says = (
        f"is another than {of} says" if is_there else f"is gone, and stood there at {of}: a tail was dropped"
    )
    return fault(says, case=number.scalar_one_or_none() or chain, row=head.length, checkpoint=document.place)
