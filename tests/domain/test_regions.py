"""The region follows the municipality; a place that is not known has none."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pipeline.domain.regions import Regions, region_of
from pipeline.errors import SettingsError
from pipeline.settings import load_regions

FILE = Path(__file__).parents[2] / "config" / "regions.toml"


@cache
def regions() -> Regions:
    return load_regions(FILE)


@pytest.mark.parametrize(
    ("city", "region"),
    [
        ("Amsterdam", "noord"),
        ("Utrecht", "midden"),
        ("Den Haag", "midden"),
        ("'s-Gravenhage", "midden"),
        ("Maastricht", "zuid"),
        ("Hattem", "noord"),  # alone in Gelderland
        ("Zeewolde", "midden"),  # alone in Flevoland
        ("Eemnes", "noord"),  # in Utrecht
        ("Abcoude", "noord"),  # once a municipality
        ("Apeldoorn", "midden"),
        ("Arnhem", "zuid"),
        ("Nijmegen", "zuid"),
        ("Didam", "zuid"),  # in Montferland, which is midden
        ("Werkendam", "midden"),
        ("Hank", "zuid"),  # in Werkendam, as it then was
        ("S HERTOGENBOSCH", "zuid"),
        ("  sudwest-fryslan ", None),
        ("Ijmuiden", "noord"),
    ],
)
def test_a_place_has_the_region_of_its_municipality(city: str, region: str | None) -> None:
    assert region_of(city, regions()) == region


@pytest.mark.parametrize(
    "city", [None, "", "Atlantis", "Hengelo", "Laren", "Buren", "Wijk en Aalburg", "Huissen"]
)
def test_what_is_not_known_or_bears_the_name_of_another_has_no_region(city: str | None) -> None:
    assert region_of(city, regions()) is None


def test_a_place_in_two_regions_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "regions.toml"
    wrong.write_text('noord = ["Ede"]\nmidden = ["ede"]\nzuid = []\nsources = {}\n', encoding="utf-8")

    with pytest.raises(SettingsError, match="each place in one region, got ede in noord and midden"):
        load_regions(wrong)
