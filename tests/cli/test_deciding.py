from __future__ import annotations

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--verdict", "perhaps", "--by", "A"], "--verdict is one of approve, defer, reject, got perhaps."),
        (["--verdict", "approve", "--by", " "], "--by is the name of whoever decides."),
        (["--verdict", "approve", "--by", "A", "--contact", "veel"], "such as 7.5, got veel."),
        (["--verdict", "approve", "--by", "A", "--contact", "-1"], "such as 7.5, got -1."),
    ],
)
def test_decision_that_cannot_be_is_said_so(season: Run, options: list[str], said: str) -> None:
    told = season("decide", "A-2026-000022", *options)

    assert (told.code, told.out) == (2, "")
    assert said in " ".join(told.err.split())


def test_only_an_escalated_case_is_decided_by_hand(season: Run) -> None:
    told = season("decide", "A-2026-000022", "--verdict", "approve", "--by", "A", "--contact", "6")

    assert told.code == 2
    assert "only an escalated case is decided by hand" in told.err


def test_case_that_is_not_parked_cannot_be_retried(season: Run) -> None:
    told = season("retry", "A-2026-000022", "--by", "Samira El Amrani")

    assert told.code == 5
    assert told.err == "Nothing that is parked has the number or id A-2026-000022.\n"


def test_whoever_retries_has_a_name(season: Run) -> None:
    assert season("retry", "A-2026-000022", "--by", "").code == 2
