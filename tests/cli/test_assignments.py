"""Why reviewers were asked and others were not, in words and as JSON."""

from __future__ import annotations

from pipeline.cli.assignments import CONFIRM, REASONS, RULES
from pipeline.domain.eligibility import Fact, Rule
from pipeline.domain.policy import Costs
from tests.cli.conftest import Run


def test_every_rule_reason_and_fact_has_its_words() -> None:
    assert set(RULES) == {rule.value for rule in Rule}
    assert set(REASONS) == set(Costs.model_fields)
    assert set(CONFIRM) == {fact.value for fact in Fact}


def test_case_of_the_season_says_why_its_reviewers_were_asked(season: Run) -> None:
    case = next(one for one in season("cases", "--json").json if one["event_id"] == "act-28")["case"]
    told = season("assignment", "explain", case.lower())
    assert (told.code, told.err) == (0, "")
    found = season("assignment", "explain", case, "--json").json
    [choice] = found["rounds"]
    assert found["now"] is None
    assert all(f"({key}) costs " in told.out for key in choice["reviewers"])
    assert "r020" in choice["why_not"]["employer"]
    assert "works for the provider" in told.out
    named = [*choice["reviewers"], *choice["nearest"], *(choice["others"] or [])]
    kept_away = [key for ids in choice["why_not"].values() for key in ids]
    assert len({*named, *kept_away}) == len(named) + len(kept_away) == 24


def test_case_that_does_not_exist_is_said_so(season: Run) -> None:
    assert season("assignment", "explain", "A-2026-999999").code == 5
