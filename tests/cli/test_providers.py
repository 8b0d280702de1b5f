"""`pipeline provider` and `pipeline duplicates` show who offers what, and say what they did."""

from __future__ import annotations

from tests.cli.conftest import Run

REKENRIJK, SLINGER = "90000102", "90001966"
WHY = ("--by", "Aletta Hoekstra", "--reason", "Fusie per 1 oktober.")


def test_providers_are_listed_and_shown_with_all_that_is_theirs(season: Run) -> None:
    listed = season("provider", "list", "--json").json
    shown = season("provider", "show", REKENRIJK, "--json").json

    assert REKENRIJK in [one["kvk"] for one in listed]
    assert (shown["name"], shown["application"]) == ("Rekenrijk Onderwijsadvies B.V.", "T-2026-000002")
    assert shown["kvks"][0]["kvk"] == REKENRIJK
    assert shown["cases"][0]["case"] == "T-2026-000002"
    assert season("provider", "show", "t-2026-000002").out.count("T-2026-000002") >= 1
    assert season("provider", "show", "Nobody").err == (
        "There is no provider with the id, KvK number or case number Nobody.\n"
    )


def test_takeover_is_tried_done_once_and_says_so(season: Run) -> None:
    tried = season("provider", "merge", SLINGER, "into", REKENRIJK, *WHY, "--dry-run", "--json").json
    former = season("provider", "show", SLINGER, "--json").json["provider"]
    done = season("provider", "merge", former, "INTO", REKENRIJK, *WHY)
    again = season("provider", "merge", former, "into", REKENRIJK, *WHY)

    assert (tried["kvks"], tried["done"]) == ([SLINGER], False)
    assert done.out.endswith("is Rekenrijk Onderwijsadvies B.V. from now on.\n")
    assert again.out.endswith("was taken over by Rekenrijk Onderwijsadvies B.V. before; nothing changes.\n")
    shown = season("provider", "show", REKENRIJK)
    assert (shown.code, "taken_over" in shown.out, SLINGER in shown.out) == (0, True, True)
    assert season("provider", "merge", former, "by", REKENRIJK, *WHY).code == 2


def test_what_looks_alike_is_listed_until_it_is_settled(season: Run) -> None:
    [asked] = season("duplicates", "list", "--json").json
    numbers = asked["case"], asked["other"]
    assert numbers == ("T-2026-000009", "T-2026-000002")
    assert {"what": "postcode", "case": "8011AB", "other": "8011AB"} in asked["compared"]
    assert "looks like" in season("duplicates", "list").out

    settled = season("duplicates", "settle", *numbers, "different", *WHY)
    again = season("duplicates", "settle", *numbers, "different", *WHY)

    assert settled.out == "That T-2026-000009 and T-2026-000002 are different is now on record.\n"
    assert again.out == "That T-2026-000009 and T-2026-000002 are different was on record already.\n"
    assert season("duplicates", "list").out == "Nothing looks like anything else.\n"
    assert season("duplicates", "settle", *numbers, "equal", *WHY).code == 2


def test_admission_is_suspended_and_given_back_in_somebodys_name(season: Run) -> None:
    said = ("--by", "Aletta Hoekstra", "--reason", "Op onze vragen kwam geen antwoord.")
    done, again = (season("provider", "suspend", SLINGER, *said) for _ in range(2))
    shown = season("provider", "show", SLINGER, "--json").json
    back = season("provider", "reinstate", SLINGER, *said)

    assert done.out.endswith(" is suspended; the provider gets a letter.\n")
    assert again.out.endswith(" is suspended already; nothing changes.\n")
    assert (shown["standing"], shown["history"][-1]["by"]) == ("suspended", "Aletta Hoekstra")
    assert back.out.endswith(" is admitted; the provider gets a letter.\n")
    assert season("provider", "withdraw", SLINGER, "--by", "A", "--reason", "...").code == 2
