"""Homes with an activity in the register, for tests of what follows on that."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipeline.casework import copies
from tests.casework.events import SUBMITTED, admitted, at
from tests.casework.test_cases import approve, submitted
from tests.remembered import remembered
from tests.stages import ROOT, System, system

NUMBER = "10000012"
GRANTED_ON = "2026-10-22"


def home_with(folder: Path, *changes: tuple[str, str]) -> System:
    """Make a home under rules of which some lines are others, with one admitted provider."""
    made = _ruled(folder, *changes)
    admitted(made)
    at(made, SUBMITTED)
    return made


def registered(folder: Path, *changes: tuple[str, str], contact: str = "6") -> System:
    """Make such a home with an activity in the register, as ``granted`` brings it there."""
    made = _ruled(folder, *changes)
    remembered(made, _WAYS[contact])
    copies.lay_all(made.app)  # the folder is no part of what was remembered
    return made


def _ruled(folder: Path, *changes: tuple[str, str]) -> System:
    rules = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in rules
        rules = rules.replace(before, after)
    (folder / "policy.toml").write_text(rules, encoding="utf-8")
    return system(folder / "home", PIPELINE_POLICY=str(folder / "policy.toml"))


def granted(home: System, contact: str = "6") -> str:
    """Submit a study day of 6 hours and let it be granted on 22 October 2026; its number is 1000 0012."""
    case = submitted(home)
    approve(home, case, contact, "2026-10-21T10:00:00+02:00")
    approve(home, case, contact, f"{GRANTED_ON}T10:00:00+02:00")
    return case


def _six_of_six(home: System) -> str:
    admitted(home)
    at(home, SUBMITTED)
    return granted(home)


def _four_of_six(home: System) -> str:
    admitted(home)
    at(home, SUBMITTED)
    return granted(home, "4")


_WAYS: Final = {"6": _six_of_six, "4": _four_of_six}


def look(home: System, moment: str) -> None:
    """Let the clock come to a moment, and what is due be done."""
    at(home, moment)
    home.stage.ring()
    home.stage.rest()


def last_letter(home: System) -> str:
    """Return the text of the letter that went last, its lines joined."""
    body = home.mailer.letters()[-1].get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())
