"""A backup is whole and only its owner's, and one that is not as it was written is refused."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.store import archive
from pipeline.store.archive import Archive, Writer

MOMENT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROWS = [b'{"n":%d}\n' % number for number in range(2000)]

Tamper = Callable[[dict[str, bytes]], None]


def write(path: Path, *, anew: bool = False) -> Path:
    with archive.created(path, anew=anew) as file:
        writer = Writer(file)
        writer.table("odd", iter(ROWS))
        writer.table("empty", iter([]))
        writer.close(program="p 1", revision="0002", home_id="h", made_at=MOMENT, clock=MOMENT)
    return path


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return write(tmp_path / "whole.zip")


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def changed(path: Path, tamper: Tamper) -> Path:
    """Return a copy in which a change was made by somebody who knows how zip files are made."""
    held = contents(path)
    tamper(held)
    other = path.with_name("changed.zip")
    with zipfile.ZipFile(other, "w") as opened:
        for name, content in held.items():
            opened.writestr(name, content)
    return other


def complaint(path: Path) -> str:
    with pytest.raises(UsageError) as caught, Archive(path) as opened:
        opened.check()
    return str(caught.value)


def test_what_was_written_is_read_again(whole: Path) -> None:
    with Archive(whole) as opened:
        opened.check()
        assert [(part.name, part.rows) for part in opened.manifest.tables] == [("odd", 2000), ("empty", 0)]
        assert list(opened.lines(opened.manifest.tables[0])) == ROWS
        assert (opened.manifest.rows, opened.manifest.made_at) == (2000, MOMENT)


def test_same_rows_give_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    assert write(tmp_path / "again.zip").read_bytes() == whole.read_bytes()


def test_nobody_else_may_read_it_and_nothing_else_is_left(whole: Path) -> None:
    assert whole.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in whole.parent.iterdir()] == ["whole.zip"]


def test_file_that_is_there_stays_unless_it_may_be_replaced(whole: Path) -> None:
    whole.write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"is there already; choose another name, or --force"):
        write(whole)
    assert whole.read_bytes() == b"mine"
    write(whole, anew=True)
    assert complaint_free(whole)


def complaint_free(path: Path) -> bool:
    with Archive(path) as opened:
        opened.check()
    return True


def test_backup_that_is_broken_off_leaves_what_was_there(whole: Path) -> None:
    before = whole.read_bytes()
    with suppress(RuntimeError), archive.created(whole, anew=True) as file:
        file.write(b"half")
        raise RuntimeError
    assert whole.read_bytes() == before
    assert [each.name for each in whole.parent.iterdir()] == ["whole.zip"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="cannot be written: Permission denied"):
        write(tmp_path / "x.zip")


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none/x\.zip cannot be written: No such file or directory"):
        write(tmp_path / "none" / "x.zip")


def test_disk_that_is_full_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="No space left on device"),
        archive.created(tmp_path / "x.zip", anew=False),
    ):
        raise OSError(28, os.strerror(28))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_file_that_was_cut_off_is_refused(whole: Path, share: float) -> None:
    content = whole.read_bytes()
    whole.write_bytes(content[: int(len(content) * share)])
    assert complaint(whole).startswith(
        f"{whole} is damaged, or is no backup: it is no zip file, or not all of it."
    )


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert (
        complaint(tmp_path / "none.zip") == f"{tmp_path}/none.zip cannot be read: No such file or directory."
    )


@given(st.data())
def test_no_byte_can_change_unseen(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("flipped")
    path = write(folder / "whole.zip")
    with Archive(path) as opened:
        before, digest = opened.manifest, opened.digest()
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    with suppress(UsageError), Archive(path) as opened:
        opened.check()
        assert opened.digest() != digest
        assert (opened.manifest, list(opened.lines(before.tables[0]))) == (before, ROWS)
    shutil.rmtree(folder)


def _drop(held: dict[str, bytes]) -> None:
    held["tables/odd.jsonl"] = b"".join(ROWS[1:])


def _swap(held: dict[str, bytes]) -> None:
    held["tables/odd.jsonl"] = held["tables/odd.jsonl"].replace(b"1999", b"2000")


def _add(held: dict[str, bytes]) -> None:
    held["tables/empty.jsonl"] = ROWS[0]


@pytest.mark.parametrize("tamper", [_drop, _swap, _add])
def test_rows_that_are_not_those_that_were_written_are_refused(whole: Path, tamper: Tamper) -> None:
    assert "is not as it was written. Nothing was done" in complaint(changed(whole, tamper))


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/evil", "tables/../evil.jsonl", "tables/more.jsonl", "C:evil"]
)
def test_file_that_the_manifest_does_not_name_is_refused(whole: Path, name: str) -> None:
    other = changed(whole, lambda held: held.update({name: b""}))
    assert "it holds other files than its manifest names" in complaint(other)


def test_name_that_comes_twice_is_refused(whole: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(whole, "a") as opened:
        opened.writestr("tables/odd.jsonl", b"")
    assert "it holds other files than its manifest names" in complaint(whole)


def _manifest(**changes: Any) -> Tamper:
    def tamper(held: dict[str, bytes]) -> None:
        held["manifest.json"] = json.dumps({**json.loads(held["manifest.json"]), **changes}).encode()

    return tamper


def _part(**changes: Any) -> Tamper:
    def tamper(held: dict[str, bytes]) -> None:
        manifest = json.loads(held["manifest.json"])
        manifest["tables"][0] |= changes
        held["manifest.json"] = json.dumps(manifest).encode()

    return tamper


@pytest.mark.parametrize(
    "tamper",
    [
        lambda held: held.pop("manifest.json"),
        lambda held: held.update({"manifest.json": b"{"}),
        lambda held: held.update({"manifest.json": b" " * (archive.MANIFEST_BYTES + 1)}),
        _manifest(tables=None),
        _manifest(more=1),
        _part(name="../odd"),
        _part(name="/odd"),
        _part(rows=-1),
        _part(sha256="x"),
    ],
)
def test_manifest_that_cannot_be_read_is_refused(whole: Path, tamper: Tamper) -> None:
    assert "it has no manifest that can be read" in complaint(changed(whole, tamper))


def test_manifest_that_names_what_is_not_there_is_refused(whole: Path) -> None:
    assert "other files than its manifest names" in complaint(changed(whole, _part(name="gone")))


def test_format_of_a_later_program_is_told_with_its_maker(whole: Path) -> None:
    assert complaint(changed(whole, _manifest(format=2))).endswith(
        "is a backup of format 2, made by p 1; this program reads format 1."
    )


def test_line_without_end_does_not_fill_the_memory(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LINE_BYTES", 1000)
    with Archive(changed(whole, lambda held: held.update({"tables/empty.jsonl": b"x" * 5000}))) as opened:
        lengths: list[int] = []
        with pytest.raises(UsageError, match="not as it was written"):
            lengths.extend(len(line) for line in opened.lines(opened.manifest.tables[1]))
    assert lengths == [1000] * 5
