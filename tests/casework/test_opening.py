"""Whose school holidays do not count is kept on the day of receipt."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.casework import terming
from pipeline.settings import load_policy
from tests.casework.events import SUBMITTED, admitted, at, event
from tests.casework.test_cases import submitted
from tests.stages import ROOT, System, system

CITY = event("app-02")["data"]["provider"]["city"]


def by_place(folder: Path, zuid: str) -> System:
    """Make a home with one admitted provider whose school holidays go by their place."""
    text = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    rules = text.replace('\nregion = "midden"', '\nregion = "provider"')
    (folder / "policy.toml").write_text(rules, encoding="utf-8")
    places = f'noord = []\nmidden = []\nzuid = ["{zuid}"]\n[sources]\nours = "made up"\n'
    (folder / "regions.toml").write_text(places, encoding="utf-8")
    files = {"PIPELINE_POLICY": "policy.toml", "PIPELINE_REGIONS": "regions.toml"}
    made = system(folder / "home", **{name: str(folder / file) for name, file in files.items()})
    admitted(made)
    at(made, SUBMITTED)
    return made


@pytest.mark.parametrize(
    ("place", "region", "flags"),
    [
        (CITY, "zuid", []),
        ("Elders", "midden", [f"school holidays of midden: {CITY} lies in no region that is known"]),
    ],
)
def test_term_goes_by_the_region_of_the_place_or_else_of_the_office(
    tmp_path: Path, place: str, region: str, flags: list[str]
) -> None:
    home = by_place(tmp_path, place)
    case, ledger = terming.of_case(home.app, submitted(home))
    assert (case.region, ledger.region, case.flags) == (region, region, flags)


def test_admission_counts_every_day(tmp_path: Path) -> None:
    home = by_place(tmp_path, CITY)
    case, ledger = terming.of_case(home.app, "T-2026-000001")
    assert (case.region, ledger.region) == ("none", "none")


def test_what_if_goes_by_the_place_as_well(tmp_path: Path) -> None:
    home = by_place(tmp_path, CITY)
    number = submitted(home)
    office = load_policy(ROOT / "config" / "policy.toml")
    assert terming.under(home.app, number, office).region == "midden"
    assert terming.under(home.app, number, home.app.policy).region == "zuid"
