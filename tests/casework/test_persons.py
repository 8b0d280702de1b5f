"""What is held about a person is theirs: nothing of others comes with it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from pipeline.casework import persons
from pipeline.store import tables
from tests.casework.events import admitted, case, event, take_in, told_in_a_digest
from tests.stages import System


def export(home: System, who: str) -> dict[str, list[dict[str, Any]]]:
    return persons.export(home.app, who, "Ineke").found


def contact(home: System) -> tuple[str, str]:
    table = tables.providers
    with home.app.database.reading() as connection:
        name, email = connection.execute(select(table.c.contact_name, table.c.email)).one()
    return name, email


def test_nobody_of_a_longer_name_or_address_comes_along(home: System) -> None:
    number = admitted(home)
    name, email = contact(home)
    other = {"provider": {"contact": {"name": f"{name}-Anders", "email": f"a.{email}"}}}
    take_in(home, event("app-02", {**other, "more": "Geheim van een ander"}, id="other"))
    for who in (name, email):
        found = export(home, who)
        assert [one["case"] for one in found["cases"]] == [number]
        assert found["events"]
        assert "Geheim van een ander" not in json.dumps(found)


def test_namesake_is_not_found_by_an_address(home: System) -> None:
    admitted(home)
    name, email = contact(home)
    namesake = {"provider": {"contact": {"name": name, "email": "naamgenoot@example.org"}}}
    take_in(home, event("app-02", namesake, id="namesake"))
    assert "naamgenoot" not in json.dumps(export(home, email))
    assert "naamgenoot" in json.dumps(export(home, name))


def test_digest_tells_of_whoever_it_names_and_of_no_other_case(home: System) -> None:
    number = told_in_a_digest(home)
    names = [one["name"] for one in case(home, number)["assignments"] if one["state"] == "asked"]
    assert len(names) == 2
    for name in names:
        [told] = export(home, name)["digests"]
        assert [one.startswith(f"{number}: ") and name in one for one in told["told"]] == [True]
    assert export(home, "Iemand Anders")["digests"] == []
