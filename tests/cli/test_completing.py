"""`pipeline complete` says why a choice cannot be made; what it does is in tests/casework/test_rounds.py."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("choice", "by", "said"),
    [
        ("grant", "Ineke", "What is to be done is one of ask, accept, set-aside, got grant.\n"),
        ("ask", " ", "--by says who chooses and --reason why: both are kept in the journal.\n"),
        ("ask", "Ineke", "Case A-2026-000001 is closed: only a case with the task rounds is settled so.\n"),
    ],
)
def test_choice_that_cannot_be_made_says_why(season: Run, choice: str, by: str, said: str) -> None:
    told = season("complete", "a-2026-000001", choice, "--by", by, "--reason", "Daarom.")
    assert (told.code, told.out, told.err) == (2, "", said)
