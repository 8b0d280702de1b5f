"""A backup as a file: a zip with one file of lines for each table, and a manifest that says what they must be.

It comes to be whole or not at all, and only its owner may read it: it holds what the database holds.
Nothing in it is ever unpacked to a disk, so that the names in it lead nowhere.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import UsageError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
MANIFEST_BYTES: Final = 1 << 20
LINE_BYTES: Final = 1 << 26  # the longest row that is believed; a letter takes some hundred thousand bytes
_CHUNK: Final = 1 << 20
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class Part(BaseModel):
    """One table in a backup; the digest is the SHA-256 of its lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z_]{1,60}$")
    rows: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What a backup says of itself.

    Attributes:
        format: of the file; one that this program does not know is refused.
        program: name and version of what made it.
        revision: of the schema that the rows are of.
        home_id: of the database that was copied.
        made_at: by the system's clock of whoever made it.
        clock: the same moment by the home's clock.
        tables: in the order in which they can be filled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    program: str
    revision: str
    home_id: str | None
    made_at: datetime
    clock: datetime
    tables: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(part.rows for part in self.tables)


@contextmanager
def created(path: Path, *, anew: bool) -> Iterator[BinaryIO]:
    """Write a file that is there, whole and on the disk, once the block has ended well.

    Args:
        anew: whether it may take the place of one that is there.

    Raises:
        UsageError: it is there already, or cannot be written.
    """
    if path.exists() and not anew:
        raise UsageError(f"{path} is there already; choose another name, or --force to write over it.")
    try:
        handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(path)
        _to_disk(path.parent)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        Path(partial).unlink(missing_ok=True)


def _to_disk(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


class Writer:
    """Writes tables one after the other; the manifest comes last, since it tells their digests."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._parts: list[Part] = []

    def table(self, name: str, lines: Iterable[bytes]) -> None:
        """Add a table, row by row."""
        digest, rows = hashlib.sha256(), 0
        with self._zip.open(_info(_member(name)), "w", force_zip64=True) as member:
            for line in lines:
                member.write(line)
                digest.update(line)
                rows += 1
        self._parts.append(Part(name=name, rows=rows, sha256=digest.hexdigest()))

    def close(
        self, *, program: str, revision: str, home_id: str | None, made_at: datetime, clock: datetime
    ) -> Manifest:
        """Write the manifest and end the file."""
        manifest = Manifest(
            format=FORMAT,
            program=program,
            revision=revision,
            home_id=home_id,
            made_at=made_at,
            clock=clock,
            tables=tuple(self._parts),
        )
        self._zip.writestr(_info(MANIFEST), manifest.model_dump_json(indent=2))
        self._zip.close()
        return manifest


class Archive:
    """An open backup; what is wrong with it is told as soon as it shows."""

    def __init__(self, path: Path) -> None:
        """Open a file and read its manifest.

        Raises:
            UsageError: it cannot be read, or is no backup that this program knows.
        """
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
        except _DAMAGED:
            raise self._damaged("it is no zip file, or not all of it") from None
        try:
            self.manifest = self._manifest()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def digest(self) -> str:
        """Return the SHA-256 of the whole file, which names this backup."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def check(self) -> None:
        """Read all of it and compare it with the manifest.

        Raises:
            UsageError: a table is not as it was written.
        """
        for part in self.manifest.tables:
            for _ in self.lines(part):
                pass

    def lines(self, part: Part) -> Iterator[bytes]:
        """Yield the rows of a table; what is wrong with it shows at the latest after its last row.

        Raises:
            UsageError: they are not those that were written.
        """
        digest, rows = hashlib.sha256(), 0
        try:
            with self._zip.open(_member(part.name)) as member:
                reader = io.BufferedReader(member, _CHUNK)  # type: ignore[type-var]  # all it asks is there
                while line := reader.readline(LINE_BYTES):
                    digest.update(line)
                    rows += 1
                    yield line
        except _DAMAGED:
            raise self._damaged(f"{part.name} cannot be read") from None
        if (rows, digest.hexdigest()) != (part.rows, part.sha256):
            raise self._damaged(f"{part.name} is not as it was written")

    def _manifest(self) -> Manifest:
        try:
            with self._zip.open(MANIFEST) as member:
                manifest = Manifest.model_validate_json(member.read(MANIFEST_BYTES))
        except (KeyError, ValidationError, *_DAMAGED):
            raise self._damaged("it has no manifest that can be read") from None
        if manifest.format != FORMAT:
            raise UsageError(
                f"{self.path} is a backup of format {manifest.format}, made by {manifest.program};"
                f" this program reads format {FORMAT}."
            )
        names = [MANIFEST, *(_member(part.name) for part in manifest.tables)]
        if sorted(self._zip.namelist()) != sorted(names):
            raise self._damaged("it holds other files than its manifest names")
        return manifest

    def _damaged(self, how: str) -> UsageError:
        return UsageError(
            f"{self.path} is damaged, or is no backup: {how}. Nothing was done; use another copy."
        )


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _info(name: str) -> zipfile.ZipInfo:
    """Return what a zip file tells of a file in it: always the same, so that equal content gives equal bytes."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
