"""The register's own rules and calendar, as the files in ``config/`` say them."""

from __future__ import annotations

import pytest

from pipeline.domain.calendar import Calendar
from pipeline.domain.policy import Policy
from pipeline.settings import load_calendar, load_policy
from tests.domain.readme import CONFIG


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    return load_calendar(CONFIG / "calendar")


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy(CONFIG / "policy.toml")
