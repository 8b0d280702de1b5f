"""The examples of the README do what it says, and whatever the documents point to is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import wiring
from pipeline.casework import overview
from pipeline.embedded import supervised
from pipeline.embedded.process import wait_until
from pipeline.settings import Settings
from pipeline.store import schema
from pipeline.wiring import App

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = [page for page in PAGES if page.parent.name == "adr" and page.name != "README.md"]
LINK = re.compile(r"""(?:\]\(|src=")([^)#:"]+)(?:#[^)]*)?[)"]""")
SOON = 20.0

# What `redis-cli -s SOCKET -x COMMAND...` does, for machines that have none.
REDIS_CLI = f"""#!{sys.executable}
import sys, redis
assert sys.argv[1] == "-s" and sys.argv[3] == "-x", sys.argv
client = redis.Redis(unix_socket_path=sys.argv[2])
print(client.execute_command(*sys.argv[4:], sys.stdin.read()))
"""


def example(language: str) -> str:
    """Return the README's one example in a language."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(code)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A home in real time, all of it running."""
    folder = tmp_path_factory.mktemp("try") / "var"
    settings = Settings.from_env({"PIPELINE_HOME": str(folder)}, running=False)
    made = wiring.build(settings)
    schema.upgrade(made.database)
    made.clock.make(None)
    with supervised(settings):
        yield made
    made.database.close()


@pytest.fixture
def environ(home: App, tmp_path: Path) -> dict[str, str]:
    """The environment of a second terminal."""
    if shutil.which("redis-cli") is None:
        shim = tmp_path / "redis-cli"
        shim.write_text(REDIS_CLI, encoding="utf-8")
        shim.chmod(0o700)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PIPELINE_HOME": str(home.settings.home)}


def confirmed(home: App, prefix: str) -> bool:
    """Say whether the case of an event was confirmed by a letter that was sent."""
    cases = [row["case"] for row in overview.cases(home) if row["event_id"].startswith(prefix)]
    told = [(row["case"], row["state"]) for row in overview.letters(home) if row["kind"] == "confirmation"]
    return [(case, "sent") for case in cases] == [each for each in told if each[0] in cases] != []


def test_example_in_python_opens_a_case(home: App, environ: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", example("python")], check=True, cwd=ROOT, env=environ)

    assert wait_until(lambda: confirmed(home, "from-python"), SOON)


def test_example_with_redis_cli_opens_a_case(home: App, environ: dict[str, str]) -> None:
    subprocess.run(["sh", "-euc", example("sh")], check=True, cwd=ROOT, env=environ)

    assert wait_until(lambda: confirmed(home, "from-shell-"), SOON)


def test_python_example_is_about_a_dozen_lines() -> None:
    assert len([line for line in example("python").splitlines() if line]) <= 12


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_in_the_table(name: str) -> None:
    assert f"`PIPELINE_{name.upper()}`" in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_to_is_there(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_sources_have_the_headings_that_code_points_to() -> None:
    headings = {
        line[3:].lower()
        for line in (ROOT / "docs" / "sources.md").read_text().splitlines()
        if line[:3] == "## "
    }
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "pipeline").rglob("*.py"))
    assert set(re.findall(r"docs/sources\.md#([a-z-]+)", code)) <= headings


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_decision_has_its_five_parts_on_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    parts = ["Context", "Decision", "Consequences", "Rejected", "Status"]
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == parts
    assert len(text.splitlines()) <= 60


def test_every_decision_is_listed() -> None:
    listed = LINK.findall((ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8"))
    assert listed == [page.name for page in DECISIONS]
