"""What every test shares: hypothesis without a time limit, a home in one process, real servers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

from tests.postgres import postgres

if TYPE_CHECKING:
    from tests.stages import System

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Take away what a command told the log to write to; pytest closes that after each test."""
    root = logging.getLogger()
    yield
    for handler in [one for one in root.handlers if type(one) is logging.StreamHandler]:
        root.removeHandler(handler)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[System]:
    """A new home, whole, in this process."""
    from tests.stages import system  # sets a broker, which tests of the broker itself do without

    made = system(tmp_path / "home")
    yield made
    made.app.database.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """One PostgreSQL for the session."""
    with postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of an empty schema in it."""
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return postgres_server
