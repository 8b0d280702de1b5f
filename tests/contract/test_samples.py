"""Every sample is read or refused as its README says."""

from __future__ import annotations

import json
import re

import pytest

from pipeline.contract import parse, read
from pipeline.errors import Refused

from .samples import BAD, FOLDER, REFUSED, lines, verdict_on


def readme_fields() -> dict[str, str]:
    section = (FOLDER / "README.md").read_text(encoding="utf-8").split("## `bad/`")[1]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", section, re.MULTILINE)
    return {name: field.strip(" `") for name, field in rows}


def refused_field(raw: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        read(parse(raw))
    return refusal.value.field


def test_bad_files_name_the_field_of_the_readme() -> None:
    assert {path.name: refused_field(path.read_bytes()) for path in BAD.iterdir()} == readme_fields()


@pytest.mark.parametrize(
    ("name", "expected", "got"),
    [
        ("wrong-specversion.json", "1.0", "0.3"),
        ("hours-as-number.json", 'decimals as text, "6"', "the number 6"),
        ("unknown-sector.json", "one of 'po', 'vo', 'mbo' or 'so'", "wo"),
        ("no-data.json", "an object", "null"),
        ("not-utf8.json", "UTF-8", "byte 0xEB at position 301"),
        ("too-big.json", "at most 262144 bytes", "309372 bytes"),
        ("array.json", "one event, an object", "a list"),
    ],
)
def test_bad_file_tells_what_was_expected_and_what_came(name: str, expected: str, got: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(parse((BAD / name).read_bytes()))

    assert (refusal.value.expected, refusal.value.got) == (expected, got)


def test_season_lines_are_read_but_for_those_the_readme_refuses() -> None:
    refused = {}
    for line in lines():
        try:
            read(parse(line))
        except Refused as error:
            refused[json.loads(line)["id"]] = verdict_on(error)

    assert refused == REFUSED
