"""The list of reviewers: every fault is named with its line and column, and nothing is half imported."""

from __future__ import annotations

import pytest

from pipeline.casework import reviewing
from pipeline.errors import UsageError
from tests.stages import SAMPLES, System

HEADER = ",".join(reviewing.COLUMNS)
GOOD = "r1,Joke Hermans,joke@school.example,po so,didactic,School,90100101,4,,"


def listed(*lines: str) -> str:
    return "\n".join((HEADER, *lines)) + "\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (GOOD.replace("r1,", ","), "line 2, id: expected a text, got nothing."),
        (
            GOOD.replace("joke@school.example", "joke"),
            "line 2, email: expected one e-mail address, got joke.",
        ),
        (GOOD.replace("po so", "wo"), "line 2, sectors: expected po, vo, mbo or so, got wo."),
        (
            GOOD.replace("didactic", ""),
            "line 2, categories: expected subject didactic pedagogic general, got nothing.",
        ),
        (GOOD.replace("90100101", "12"), "line 2, employer_kvk: expected 8 digits, or - for none, got 12."),
        (
            GOOD.replace(",4,", ",0,"),
            "line 2, capacity_per_4_weeks: expected a whole number from 1 to 9999, got 0.",
        ),
        (GOOD[:-1] + "later,", "line 2, away_from: expected a date such as 2026-11-23, got later."),
        (
            GOOD.replace("Joke", "Jo\x00ke"),
            "line 2, name: expected one line of text without control characters",
        ),
    ],
)
def test_fault_in_a_line_is_named(line: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        reviewing.read_list(listed(line))
    assert said in str(raised.value)


def test_column_that_is_missing_is_named() -> None:
    with pytest.raises(UsageError, match="missing: email"):
        reviewing.read_list(listed(GOOD).replace("email,", "", 1))


def test_reviewer_listed_twice_is_said_so() -> None:
    with pytest.raises(UsageError, match="r1 stands there more than once"):
        reviewing.read_list(listed(GOOD, GOOD))


def test_what_is_no_csv_is_said_so() -> None:
    with pytest.raises(UsageError, match="cannot be read as CSV"):
        reviewing.read_list(listed(GOOD.replace("Joke", "J" * 200_000)))


def test_same_list_again_changes_nothing(home: System) -> None:
    home.app.clock.make(None)
    wanted = reviewing.read_list((SAMPLES / "reviewers.csv").read_text(encoding="utf-8"))
    reviewing.carry_out(home.app, reviewing.plan(home.app, wanted))
    assert reviewing.plan(home.app, wanted) == reviewing.Plan((), (), ())


def test_row_that_changed_is_altered_in_place(home: System) -> None:
    home.app.clock.make(None)
    reviewing.carry_out(home.app, reviewing.plan(home.app, reviewing.read_list(listed(GOOD))))
    planned = reviewing.plan(home.app, reviewing.read_list(listed(GOOD.replace(",4,", ",5,"))))
    assert [(old.capacity, anew.capacity) for old, anew in planned.altered] == [(4, 5)]
    reviewing.carry_out(home.app, planned)
    assert reviewing.plan(home.app, reviewing.read_list(listed(GOOD.replace(",4,", ",5,")))).altered == ()


KNOWN = f"{HEADER},{','.join(reviewing.OPTIONAL)}"


def known(cells: str, employer_kvk: str = "90100101") -> str:
    return f"{KNOWN}\n{GOOD.replace('90100101', employer_kvk)},{cells}\n"


@pytest.mark.parametrize(
    ("cells", "earlier_employers", "interests"),
    [
        (",", None, None),
        ("-,-", [], []),
        ("690.008.01 68727720,90000102", ["68727720", "69000801"], ["90000102"]),
    ],
)
def test_empty_cell_is_not_known_and_a_dash_is_none(
    cells: str, earlier_employers: list[str] | None, interests: list[str] | None
) -> None:
    [one] = reviewing.read_list(known(cells))
    assert (one.earlier_employers, one.interests) == (earlier_employers, interests)


def test_employer_without_a_number_is_no_employer_that_is_not_known() -> None:
    assert [one.employer_kvk for one in reviewing.read_list(known(",", "-"))] == [""]
    assert [one.employer_kvk for one in reviewing.read_list(known(",", ""))] == [None]


def test_fault_among_several_numbers_is_named() -> None:
    with pytest.raises(UsageError, match="line 2, interests: expected KvK numbers of 8 digits"):
        reviewing.read_list(known("-,90000102 12"))


def test_list_of_before_forgets_nothing_that_ties_a_reviewer_to_a_provider(home: System) -> None:
    home.app.clock.make(None)
    reviewing.carry_out(home.app, reviewing.plan(home.app, reviewing.read_list(known("-,90000102"))))
    assert reviewing.plan(home.app, reviewing.read_list(listed(GOOD))).altered == ()
    [(_, anew)] = reviewing.plan(home.app, reviewing.read_list(known("68727720,"))).altered
    assert (anew.earlier_employers, anew.interests) == (["68727720"], ["90000102"])
