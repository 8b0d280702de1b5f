"""Files that people write: reviewers, rules, holidays, seasons; and the one in which parts say where they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.casework.reviewing import COLUMNS, read_list
from pipeline.embedded import home
from pipeline.errors import SettingsError, UsageError
from pipeline.play import read_script
from pipeline.settings import Settings, load_calendar, load_policy
from tests.fuzz.inputs import assert_lines, fuzzed, mangled, sample_bytes, texts, values, written
from tests.stages import ROOT, SAMPLES

REVIEWERS = (SAMPLES / "reviewers.csv").read_bytes()
POLICY = (ROOT / "config" / "policy.toml").read_bytes()
CALENDAR = (ROOT / "config" / "calendar" / "school-2024-2028.toml").read_bytes()

cells = st.sampled_from(["r001", "po vo", "didactic", "12", "2026-11-23", "a@b.example", "90000001"]) | texts


def as_csv(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([COLUMNS, *rows])
    return written.getvalue()


@fuzzed(200)
@given(
    mangled(st.just(REVIEWERS)).map(lambda raw: raw.decode("utf-8", "replace"))
    | st.lists(st.lists(cells, min_size=8, max_size=12), max_size=4).map(as_csv)
    | texts
)
def test_any_list_of_reviewers_is_one_or_says_each_fault(text: str) -> None:
    try:
        found = read_list(text)
    except UsageError as error:
        assert_lines(error)
    else:
        assert all(one.name and "@" in one.email and one.capacity > 0 for one in found)


@fuzzed(80)
@given(mangled(st.just(POLICY)) | st.binary(max_size=50))
def test_any_policy_is_one_or_says_each_fault(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "policy.toml"
    path.write_bytes(raw)
    try:
        load_policy(path)
    except SettingsError as error:
        assert_lines(error)


@fuzzed(80)
@given(mangled(st.just(CALENDAR)) | st.binary(max_size=50))
def test_any_calendar_is_one_or_says_each_fault(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "calendar"
    folder.mkdir(exist_ok=True)
    (folder / "school.toml").write_bytes(raw)
    try:
        load_calendar(folder)
    except SettingsError as error:
        assert_lines(error)


@fuzzed(100)
@given(
    st.binary(max_size=50)
    | values.map(written)
    | st.dictionaries(st.sampled_from(["redis", "smtp", "web"]), texts).map(written)
)
def test_any_file_of_addresses_is_one_or_says_so(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "addresses"
    folder.mkdir(exist_ok=True)
    (folder / "addresses.json").write_bytes(raw)
    try:
        Settings.from_env({"PIPELINE_HOME": str(folder)})
    except SettingsError as error:
        assert_lines(error)
    assert isinstance(home.addresses(folder), dict)


@fuzzed(100)
@given(
    st.sampled_from(
        ["DATABASE_URL", "REDIS_URL", "SMTP_URL", "WEB_HOST", "WEB_PORT", "LOG_FORMAT", "HOME_ID", "SMTP_CA"]
    ),
    texts
    | st.tuples(
        st.sampled_from(["smtp", "redis", "rediss", "unix", "postgresql", "sqlite", "smtps"]), texts
    ).map("://".join),
)
def test_any_setting_is_one_or_says_so(name: str, value: str) -> None:
    try:
        Settings.from_env({f"PIPELINE_{name}": value}, running=False)
    except SettingsError as error:
        assert_lines(error)


@fuzzed(100)
@given(
    st.lists(mangled(sample_bytes) | st.binary(max_size=30), max_size=4).map(b"\n".join),
    st.sampled_from([".jsonl", ".json"]),
)
def test_any_season_is_one_or_says_so(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"season{suffix}"
    path.write_bytes(raw)
    try:
        found = read_script([path])
    except UsageError as error:
        assert_lines(error)
    else:
        assert all(line.time >= datetime.min.replace(tzinfo=UTC) for line in found)
