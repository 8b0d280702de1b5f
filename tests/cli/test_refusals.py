from __future__ import annotations

from tests.cli.conftest import Run


def test_refused_as_json_names_field_expectation_and_what_came(season: Run) -> None:
    rows = {row["event_id"]: row for row in season("refused", "--json").json}

    assert rows.keys() >= {"app-08", "act-11", "act-99", "ver-041"}
    row = rows["act-13"]
    assert (row["source"], row["field"], row["got"]) == ("/portal", "activity.hours.contact", "7,5")
    assert row.keys() >= {"file", "expected", "reason", "received_at"}


def test_refused_as_a_table_has_a_sentence_for_each(season: Run) -> None:
    assert "act-12" in season("refused").out


def test_raw_of_a_refused_event_is_what_came(season: Run) -> None:
    row = next(row for row in season("refused", "--json").json if row["event_id"] == "act-13")

    raw = season("refused", "--raw", row["id"]).out

    assert '"7,5"' in raw
    assert len(raw.encode()) == row["bytes"]


def test_raw_of_nothing_stored_is_a_sentence(season: Run) -> None:
    told = season("refused", "--raw", "abc")

    assert (told.code, told.err) == (5, "There is no stored event abc.\n")
