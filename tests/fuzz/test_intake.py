"""Events with something wrong somewhere, taken in and worked on until all is at rest: letters and reviews too."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from pipeline.casework import overview
from pipeline.store import tables
from tests.casework.events import admitted, event, take_in
from tests.fuzz.inputs import assert_told, fuzzed, written, wrong_somewhere
from tests.stages import System, system

MOMENT: Final = "2026-10-06T09:00:00+02:00"  # within which all of this happens
LETTER_AT_MOST: Final = 2_000_000  # bytes
serials: Final = count()
ONE_EACH: Final = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    made = system(tmp_path_factory.mktemp("fuzzed"))
    admitted(made)
    yield made
    made.app.database.close()


def assert_at_rest(home: System) -> None:
    """No step failed, nothing is parked, and what was written can be read."""
    assert home.stage.errors == []
    assert overview.counts(home.app)["parked"] == 0
    for raw in home.mailer.sent:
        assert len(raw) < LETTER_AT_MOST
        letter = message_from_bytes(raw, _class=EmailMessage, policy=SMTP)
        assert [name for name in ONE_EACH if len(letter.get_all(name, [])) != 1] == []
        assert letter.defects == []
    home.mailer.sent.clear()


def failed_steps(home: System) -> int:
    failed = select(func.count()).select_from(tables.cases).where(tables.cases.c.last_error.is_not(None))
    with home.app.database.reading() as connection:
        return int(connection.execute(failed).scalar_one())


@fuzzed(40)
@given(
    wrong_somewhere(
        st.sampled_from([event(name, time=MOMENT) for name in ("app-01", "app-03", "act-01", "act-02")])
    )
)
def test_any_submission_is_worked_on_or_refused(home: System, document: Any) -> None:
    if isinstance(document, dict) and document.get("id"):
        document["id"] = f"fuzzed-{next(serials)}"
    outcome = take_in(home, written(document))
    assert outcome.status in ("accepted", "refused")
    if outcome.refusal is not None:
        assert_told(outcome.refusal)
    assert failed_steps(home) == 0
    assert_at_rest(home)


@fuzzed(20)
@given(wrong_somewhere(st.sampled_from([event("app-04", time=MOMENT)["data"]])))
def test_any_supplement_is_worked_on_or_refused(home: System, changes: Any) -> None:
    key = next(serials)
    incomplete = event("app-01", {"requirements": None}, time=MOMENT, id=f"first-{key}")
    case = take_in(home, incomplete).case
    made = {**incomplete, "type": "nl.registerleraar.case.supplemented.v1", "id": f"then-{key}"}
    outcome = take_in(home, written({**made, "data": {"case": case, "changes": changes}}))
    assert outcome.status in ("accepted", "refused")
    assert failed_steps(home) == 0
    assert_at_rest(home)
