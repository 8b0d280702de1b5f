"""Twenty cases worked out by hand: what the documents beside this file say is what happens."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.casework.events import at, event, take_in, verdict
from tests.databases import databases
from tests.stages import ROOT, another_system, system
from tests.worked.acts import Play, let_review
from tests.worked.documents import FOLDER, Line, read
from tests.worked.views import VIEWS

CASES = sorted(FOLDER.glob("zaken/*.md"))
ADMITTED_ON = "2026-09-0{}T10:00:00+02:00"


@pytest.fixture(scope="module")
def admitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one admitted provider, whose application somebody judged who judges nothing else."""
    folder = tmp_path_factory.mktemp("worked") / "home"
    folder.mkdir()
    home = system(folder, **databases.environ(folder))
    at(home, ADMITTED_ON.format(1))
    let_review(home, [["Zwaan", "po", "didactisch", "4", ""]])
    number = take_in(home, event("app-02", time=ADMITTED_ON.format(1))).case
    assert number is not None
    verdict(home, number, "approve", ADMITTED_ON.format(2), hours=None)
    home.app.database.close()
    return folder


@pytest.fixture
def play(request: pytest.FixtureRequest, admitted: Path, tmp_path: Path) -> Iterator[Play]:
    story = read(request.param)
    folder = tmp_path / "home"
    shutil.copytree(admitted, folder)
    databases.copied(folder, admitted)
    policy = tmp_path / "policy.toml"
    policy.write_text(under((ROOT / "config" / "policy.toml").read_text(encoding="utf-8"), story.policy))
    home = another_system(folder, PIPELINE_POLICY=str(policy))
    let_review(home, story.reviewers)
    yield Play(home, story)
    home.app.database.close()  # the next one is a copy too, never this one emptied


def under(policy: str, rules: Mapping[str, str]) -> str:
    """Return the text of the policy with other values for these keys, as a version of its own."""
    changed = re.sub(r'^version = "(.+)"', r'version = "\1-zaak"', policy, flags=re.MULTILINE)
    for key, value in rules.items():
        section, _, name = key.rpartition(".")
        pattern = rf"(^\[{re.escape(section)}\][^\n]*\n(?:(?!\[).*\n)*?{name} = )([^ \n]+)"
        written = value if value.isdigit() else f'"{value}"'
        changed, found = re.subn(pattern, rf"\g<1>{written}", changed, flags=re.MULTILINE)
        assert found == 1, f"the policy has no {key}"
    return changed


@pytest.mark.parametrize("play", CASES, indirect=True, ids=[file.stem for file in CASES])
def test_case_goes_as_its_document_says(play: Play) -> None:
    for line in play.story.course:
        play.take(line)
        found = {name: VIEWS[name](play) for name in line.then}
        assert found == dict(line.then), told(line)


def told(line: Line) -> str:
    return f"{line.day}: {line.who} {line.does}"


def test_there_are_twenty() -> None:
    assert len(CASES) == 20
