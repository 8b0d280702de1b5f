"""Every code that a page can show has its Dutch word, and no word is left over."""

from __future__ import annotations

from typing import get_args

import pytest
from jinja2 import UndefinedError

from pipeline.broker.queues import QUEUES
from pipeline.casework.mailing import Why
from pipeline.contract import EventType
from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.domain.policy import TaskKind
from pipeline.errors import RULES
from pipeline.web import rendering


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("kind", list(Kind)),
        ("state", list(State)),
        ("result", list(Result)),
        ("letter", rendering.LETTERS),
        ("queue", QUEUES),
        ("task", get_args(TaskKind)),
        ("event", list(EventType)),
        ("refusal", RULES),
        ("not_mailed", get_args(Why)),
        ("away", ["database", "redis", "no_redis"]),
    ],
)
def test_every_code_has_a_word_and_every_word_a_code(table: str, codes: list[str]) -> None:
    assert set(rendering.tables()[table]) == {str(code) for code in codes}


def test_code_without_a_word_stands_for_itself() -> None:
    assert rendering.word("new_kind", "kind") == "new_kind"


@pytest.mark.parametrize("facts", [{"title": "T", "text": None}, {"title": "T"}])
def test_page_without_its_facts_is_not_made(facts: dict[str, str | None]) -> None:
    with pytest.raises(UndefinedError):
        rendering.page("message.html", **facts)
