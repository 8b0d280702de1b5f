"""So many verdicts that agree decide; else one more reviewer; else a named human, never a guess."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.hours import Hours
from pipeline.domain.judging import Agreement, Criterion, Judging
from pipeline.domain.lifecycle import Event, Kind, State, step
from pipeline.domain.verdicts import Verdict, Weighed, weigh, weighted_score

E = Event
ASKED = Hours(Decimal("10"), Decimal("2"))


def given_verdicts(text: str) -> list[Verdict]:
    """Read ``approve:10+2 reject`` as the verdicts of r1 and r2; one with a ``~`` was annulled."""
    found = []
    for number, word in enumerate(text.split(), start=1):
        verdict, _, amount = word.removeprefix("~").partition(":")
        contact, _, self_study = amount.partition("+")
        hours = Hours(Decimal(contact), Decimal(self_study)) if amount else None
        found.append(Verdict(f"r{number}", verdict, hours, None, annulled=word.startswith("~")))
    return found


def weighed_by(
    kind: Kind, said: str, needed: int = 2, *, margins: tuple[str, str] = ("0", "0"), more: int = 1
) -> Weighed:
    """Weigh verdicts on a case for which 10 + 2 was asked."""
    contact, self_study = map(Decimal, margins)
    agreement = Agreement(contact_margin=contact, self_study_margin=self_study, more_reviewers=more)
    judging = Judging(activity=needed, admission=needed, objection=needed, agreement=agreement)
    return weigh(kind, given_verdicts(said), judging, None if kind is Kind.ADMISSION else ASKED)


@pytest.mark.parametrize(
    ("said", "event", "in_all"),
    [
        ("", None, 2),
        ("approve:10+2", None, 2),
        ("approve:10+2 approve:10+2", E.AGREED_TO_GRANT, 2),
        ("approve:10+2 approve:10.0+2.00", E.AGREED_TO_GRANT, 2),
        ("approve:8+2 approve:8+2", E.AGREED_TO_GRANT, 2),
        ("approve:10+2 approve:8+4", E.DISAGREED, 3),  # the same total is not the same hours
        ("approve:10+2 reject", E.DISAGREED, 3),
        ("defer defer", E.AGREED_TO_DEFER, 2),
        ("reject reject", E.AGREED_TO_REJECT, 2),
        ("approve:10+2 reject reject", E.AGREED_TO_REJECT, 2),
        ("reject approve:10+2 approve:10+2", E.AGREED_TO_GRANT, 2),
        ("approve:10+2 reject defer", E.UNDECIDED, 3),
        ("approve:10+2 approve:9+2 approve:8+2", E.UNDECIDED, 3),
    ],
)
def test_two_equal_verdicts_decide_an_activity(said: str, event: Event | None, in_all: int) -> None:
    weighed = weighed_by(Kind.ACTIVITY, said)
    assert (weighed.event, weighed.places) == (event, in_all)


@pytest.mark.parametrize(
    ("said", "agreed"),
    [("approve:10+2 reject reject", ("r2", "r3")), ("defer approve:10+2", ()), ("", ())],
)
def test_those_who_agreed_are_named(said: str, agreed: tuple[str, ...]) -> None:
    weighed = weighed_by(Kind.ACTIVITY, said)
    assert tuple(verdict.reviewer for verdict in weighed.agreed) == agreed


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("approve", "1 equal verdicts"),
        ("", ""),
    ],
)
def test_one_verdict_decides_an_admission(said: str, rule: str) -> None:
    weighed = weighed_by(Kind.ADMISSION, said, 1)
    assert (weighed.event, weighed.rule) == (E.AGREED_TO_GRANT if said else None, rule)


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ("approve", E.AGREED_TO_GRANT),
        ("approve:10+2", E.AGREED_TO_GRANT),
        ("approve:12+0", E.AGREED_TO_GRANT),
        ("approve:10+1.5", E.AGREED_TO_GRANT_IN_PART),
        ("reject", E.AGREED_TO_REJECT),
    ],
)
def test_objection_is_founded_in_part_below_the_hours_asked(said: str, event: Event) -> None:
    assert weighed_by(Kind.OBJECTION, said, 1).event is event


def test_objection_about_an_admission_has_no_hours_to_be_below() -> None:
    assert weigh(Kind.OBJECTION, given_verdicts("approve"), Judging()).event is E.AGREED_TO_GRANT


@pytest.mark.parametrize(("said", "in_all"), [("", 2), ("defer", 2), ("defer defer", 2), ("defer reject", 3)])
def test_one_more_place_only_when_verdicts_differ(said: str, in_all: int) -> None:
    assert weighed_by(Kind.ACTIVITY, said).places == in_all


words = st.sampled_from(["approve:10+2", "approve:9+2", "defer", "reject"])


@given(st.sampled_from([Kind.ADMISSION, Kind.ACTIVITY]), st.integers(1, 3), st.lists(words, max_size=4))
def test_every_outcome_is_a_move_that_the_table_knows(kind: Kind, needed: int, said: list[str]) -> None:
    weighed = weighed_by(kind, " ".join(said[: needed + 1]), needed)
    if weighed.event is not None:
        assert step(kind, State.IN_REVIEW, weighed.event)


@given(st.integers(2, 3), st.lists(words, max_size=4), st.sampled_from([Decimal(0), Decimal(1)]), st.data())
def test_order_of_the_verdicts_does_not_matter(
    needed: int, said: list[str], margin: Decimal, data: st.DataObject
) -> None:
    verdicts = given_verdicts(" ".join(said[: needed + 1]))
    mixed = data.draw(st.permutations(verdicts))
    judging = Judging(
        activity=needed, agreement=Agreement(contact_margin=margin, self_study_margin=Decimal(0))
    )
    one, other = weigh(Kind.ACTIVITY, verdicts, judging), weigh(Kind.ACTIVITY, mixed, judging)
    same = (one.event, one.places, one.hours, set(one.agreed))
    assert same == (other.event, other.places, other.hours, set(other.agreed))


@pytest.mark.parametrize(
    ("said", "margins", "granted"),
    [
        ("approve:10+2 approve:9+2", ("1", "0"), "9 + 2"),
        ("approve:10+2 approve:9+3", ("1", "1"), "9 + 2"),  # the lower of each part, not of the sum
        ("approve:10+2 approve:9.5+1.5", ("0.5", "0.5"), "9.5 + 1.5"),
        ("approve:10+2 approve:10+0", ("5", "2"), "10 + 0"),
        ("reject approve:10+2 approve:9+2", ("1", "0"), "9 + 2"),
        (
            "approve:8+2 approve:12+2 approve:10+2",
            ("2", "0"),
            "8 + 2",
        ),  # two pairs lie as close: fewest hours
        ("approve:10+2 approve:9+2 approve:10+2", ("1", "0"), "10 + 2"),  # equal ones come first
    ],
)
def test_hours_that_lie_close_agree_on_the_lower_of_each_part(
    said: str, margins: tuple[str, str], granted: str
) -> None:
    weighed = weighed_by(Kind.ACTIVITY, said, margins=margins)
    assert weighed.event is E.AGREED_TO_GRANT
    assert weighed.hours == Hours(*map(Decimal, granted.split(" + ")))


@pytest.mark.parametrize(
    ("said", "margins"),
    [
        ("approve:10+2 approve:8+2", ("1", "9")),  # self-study does not make up for contact
        ("approve:10+2 approve:10+4", ("9", "1")),
        ("approve:10+2 reject", ("9", "9")),
        ("approve:10+2 defer", ("9", "9")),
    ],
)
def test_what_lies_further_apart_is_for_one_more_reviewer(said: str, margins: tuple[str, str]) -> None:
    assert weighed_by(Kind.ACTIVITY, said, margins=margins).event is E.DISAGREED


def test_hours_within_the_margin_on_an_objection_may_be_founded_in_part() -> None:
    weighed = weighed_by(Kind.OBJECTION, "approve:10+2 approve:9+2", margins=("1", "0"))
    assert weighed.event is E.AGREED_TO_GRANT_IN_PART


@pytest.mark.parametrize(
    ("said", "more", "event", "in_all"),
    [
        ("defer reject", 0, E.UNDECIDED, 2),
        ("defer reject", 2, E.DISAGREED, 3),
        ("defer reject approve:10+2", 2, E.DISAGREED, 4),
        ("defer reject approve:10+2 approve:9+2", 2, E.UNDECIDED, 4),
        ("defer reject approve:10+2 defer", 2, E.AGREED_TO_DEFER, 2),
    ],
)
def test_policy_says_how_many_more_are_asked_before_the_commission(
    said: str, more: int, event: Event, in_all: int
) -> None:
    weighed = weighed_by(Kind.ACTIVITY, said, more=more)
    assert (weighed.event, weighed.places) == (event, in_all)


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ("defer recuse", None),
        ("defer recuse defer", E.AGREED_TO_DEFER),
        ("defer ~reject", None),
        ("defer ~reject defer", E.AGREED_TO_DEFER),
        ("~approve:10+2 ~approve:10+2", None),
    ],
)
def test_who_abstains_or_was_annulled_does_not_count(said: str, event: Event | None) -> None:
    assert weighed_by(Kind.ACTIVITY, said).event is event


def tried(weighed: Weighed) -> list[str]:
    return [one.rule for one in weighed.trail]


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        ("defer", ["count"]),
        ("defer defer", ["count", "equal", "outcome"]),
        ("approve:8+2 approve:8+2", ["count", "equal", "hours", "outcome"]),
        ("approve:10+2 approve:9+2", ["count", "equal", "within_margin", "one_more"]),
        ("approve:10+2 reject defer", ["count", "equal", "commission"]),
    ],
)
def test_trail_tells_every_rule_that_was_tried_in_order(said: str, rules: list[str]) -> None:
    assert tried(weighed_by(Kind.ACTIVITY, said)) == rules


def test_trail_names_what_was_compared_with_which_value_and_what_followed() -> None:
    said = "approve:10+2 approve:9+1 recuse ~reject"
    trail = weighed_by(Kind.ACTIVITY, said, margins=("1", "1.5")).trail
    assert [tuple(one) for one in trail] == [
        (
            "count",
            (
                "r1 approve 10 + 2",
                "r2 approve 9 + 1",
                "r3 recuse (abstains: does not count)",
                "r4 reject (annulled: does not count)",
            ),
            {"judging.activity": "2"},
            "2 of at least 2 verdicts that count: they are compared",
        ),
        ("equal", ("r1 approve 10 + 2",), {"judging.activity": "2"}, "no 2 are equal"),
        (
            "within_margin",
            ("r1 approve 10 + 2", "r2 approve 9 + 1"),
            {"judging.agreement.contact_margin": "1", "judging.agreement.self_study_margin": "1.5"},
            "2 do: they decide, with the lower of each, 9 + 1",
        ),
        ("hours", ("asked 10 + 2", "granted 9 + 1"), {}, "contact 1 RU less, self-study 1 RU less"),
        ("outcome", ("approve",), {}, "agreed_to_grant"),
    ]


@pytest.mark.parametrize(
    ("scores", "mean"),
    [
        ([{"goal": 4, "hours": 1}], "3.25"),  # (3 x 4 + 1) / 4
        ([{"goal": 4}, {"goal": 3}], "3.50"),
        ([{"goal": 3, "planning": 4}], "3.25"),  # what the policy does not name weighs 1
        ([{"goal": 3, "hours": 3, "planning": 4}, {"hours": 4}], "3.33"),
        ([{}], None),
        ([], None),
    ],
)
def test_score_is_the_mean_of_all_each_as_heavy_as_its_criterion(
    scores: list[dict[str, int]], mean: str | None
) -> None:
    criteria = {"goal": Criterion(weight=3), "hours": Criterion()}
    verdicts = [Verdict("r1", "approve", None, None, scores=each) for each in scores]
    assert weighted_score(verdicts, criteria) == (None if mean is None else Decimal(mean))
