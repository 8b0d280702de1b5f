"""What every test shares: hypothesis without a time limit, a home in one process, real servers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import settings

from pipeline import wiring
from pipeline.logs import keep_quiet
from tests.databases import BOTH, POSTGRESQL, databases
from tests.lent import lend

if TYPE_CHECKING:
    from pipeline.store.engines import Database
    from tests.stages import System

# Where tests start real processes.
LONGEST: Final = ("tests/real", "tests/chaos", "tests/cli/test_processes.py", "tests/docs/test_readme.py")
SEASON: Final = 12  # first submissions of the season that is replayed

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
keep_quiet()


@pytest.fixture(scope="session", autouse=True)
def _one_home_leaves_to_the_next() -> Iterator[None]:
    """Let homes in this process have the engines and the rules that others before them had made."""
    wiring.collect_rarely()  # what the tests are made of is there for good
    with pytest.MonkeyPatch.context() as patch:
        lend(patch)
        yield


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Take away what a command told the log to write to; pytest closes that after each test."""
    root = logging.getLogger()
    yield
    for handler in [one for one in root.handlers if type(one) is logging.StreamHandler]:
        root.removeHandler(handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=BOTH,
        help="run everything on this one; without it on SQLite, and what asks for a database on both",
    )


def pytest_configure(config: pytest.Config) -> None:
    databases.kind = config.getoption("--database") or databases.kind


def pytest_unconfigure(config: pytest.Config) -> None:
    databases.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that nobody waits for it in the end; any other order is as good."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test whose home may be on either database on both."""
    if "database_kind" in metafunc.fixturenames:
        one = metafunc.config.getoption("--database")
        metafunc.parametrize("database_kind", [one] if one else BOTH)


@pytest.fixture
def home(tmp_path: Path, database_kind: str) -> Iterator[System]:
    """A new home, whole, in this process."""
    from tests.stages import system  # sets a broker, which tests of the broker itself do without

    made = system(tmp_path / "home", **databases.environ(tmp_path / "home", database_kind))
    yield made
    made.app.database.close()
    databases.give_back(tmp_path / "home")


@pytest.fixture
def home_database(home: System) -> Database:
    """The database of a new home."""
    return home.app.database


@pytest.fixture
def server_database(tmp_path: Path) -> Iterator[Database]:
    """A database with our tables on PostgreSQL."""
    from pipeline.store.engines import Database

    database = Database(databases.environ(tmp_path / "server", POSTGRESQL)["PIPELINE_DATABASE_URL"])
    yield database
    database.close()
    databases.give_back(tmp_path / "server")


@pytest.fixture
def bare_url(tmp_path: Path, database_kind: str) -> Iterator[str]:
    """The URL of a database in which nothing is yet, of each kind."""
    folder = tmp_path / "bare"
    yield databases.bare(folder, database_kind).get(
        "PIPELINE_DATABASE_URL", f"sqlite:///{folder}/pipeline.db"
    )
    databases.give_back(folder)


@pytest.fixture
def postgres_url(tmp_path: Path) -> Iterator[str]:
    """The URL of a database on PostgreSQL in which nothing is yet."""
    folder = tmp_path / "postgresql"
    yield databases.bare(folder, POSTGRESQL)["PIPELINE_DATABASE_URL"]
    databases.give_back(folder)


@dataclass(frozen=True)
class Replayed:
    """The smallest season that shows all: the home that it left, and its figures."""

    home: Path
    figures: dict[str, Any]


@pytest.fixture(scope="session")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """A season replayed once for all tests that look at how it ended; to look at, not to change."""
    import tests.stages  # noqa: F401 -- binds the actors to its broker
    from pipeline.replay import running
    from pipeline.replay.making import Wanted

    home = tmp_path_factory.mktemp("replayed")
    return Replayed(home, running.run(home, Wanted(cases=SEASON)))
