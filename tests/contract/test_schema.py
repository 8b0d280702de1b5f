"""The generated documents agree with the code, the samples and dramatiq."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dramatiq
import pytest
from hypothesis import assume, given
from jsonschema import Draft202012Validator

from pipeline.contract import EventType, asyncapi, json_schema, parse, rendered

from .samples import BAD, REFUSED, event, good, lines
from .test_reading import mutated, rule_or_read

DOCS = Path(__file__).parents[2] / "docs" / "contract"
EVENT = Draft202012Validator(json_schema())


def message_schema() -> Draft202012Validator:
    document = asyncapi()
    return Draft202012Validator({**document, "$ref": "#/components/schemas/Message"})


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["$ref"]] if "$ref" in value else []
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def at(document: Any, reference: str) -> object:
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


@pytest.mark.parametrize(
    ("name", "option", "document"),
    [("events.schema.json", "--json-schema", json_schema()), ("asyncapi.json", "--asyncapi", asyncapi())],
)
def test_docs_hold_what_the_models_generate(name: str, option: str, document: dict[str, Any]) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")

    assert written == rendered(document), f"run: pipeline contract {option} > docs/contract/{name}"


@pytest.mark.parametrize("document", [json_schema(), asyncapi()], ids=["json_schema", "asyncapi"])
def test_document_references_all_lead_somewhere(document: dict[str, Any]) -> None:
    assert [type(at(document, reference)) for reference in references(document)] == [dict] * len(
        list(references(document))
    )


def test_json_schema_is_valid_itself() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_json_schema_names_every_event_type() -> None:
    definitions = json_schema()["$defs"]
    types = [
        definitions[at_["$ref"].rpartition("/")[2]]["properties"]["type"] for at_ in json_schema()["oneOf"]
    ]

    assert [type_["const"] for type_ in types] == list(EventType)


def test_json_schema_accepts_every_good_sample() -> None:
    assert [document["id"] for document in good() if not EVENT.is_valid(document)] == []


@pytest.mark.parametrize("event_type", EventType)
def test_json_schema_accepts_the_smallest_event(event_type: EventType) -> None:
    assert EVENT.is_valid(event(event_type))


def test_json_schema_refuses_the_samples_that_the_contract_refuses() -> None:
    bad = [json.loads(line) for line in lines() if json.loads(line)["id"] in REFUSED]

    assert [document["id"] for document in bad if EVENT.is_valid(document)] == []


@pytest.mark.parametrize(
    "name", ["hours-as-number", "missing-id", "no-data", "nul-in-title", "unknown-sector", "unknown-type"]
)
def test_json_schema_refuses_a_bad_sample(name: str) -> None:
    assert not EVENT.is_valid(parse((BAD / f"{name}.json").read_bytes()))


def test_json_schema_refuses_a_supplement_of_a_locked_field() -> None:
    data = {"case": "A-2026-000123", "changes": {"previous_case": None}}

    assert not EVENT.is_valid(event(EventType.CASE_SUPPLEMENTED, data))


@pytest.mark.parametrize(
    "argument", [event(EventType.CASE_WITHDRAWN), json.dumps(event(EventType.CASE_WITHDRAWN))]
)
def test_asyncapi_message_is_what_dramatiq_sends(argument: object) -> None:
    options = {"redis_message_id": "6b5f"}
    message: dramatiq.Message[None] = dramatiq.Message("intake", "receive", (argument,), {}, options)

    assert [error.message for error in message_schema().iter_errors(json.loads(message.encode()))] == []


@pytest.mark.parametrize("change", [{"args": []}, {"actor_name": "other"}, {"message_timestamp": "now"}])
def test_asyncapi_message_for_somebody_else_is_refused(change: dict[str, Any]) -> None:
    message: dramatiq.Message[None] = dramatiq.Message(
        "intake", "receive", ("{}",), {}, {"redis_message_id": "6b5f"}
    )

    assert not message_schema().is_valid({**json.loads(message.encode()), **change})


def test_asyncapi_names_the_keys_in_redis() -> None:
    channel = asyncapi()["channels"]["intake"]

    assert (channel["address"], channel["x-redis"]) == (
        "dramatiq:intake",
        {"list": "dramatiq:intake", "hash": "dramatiq:intake.msgs"},
    )


@given(mutated())
def test_json_schema_accepts_exactly_what_is_read(document: dict[str, Any]) -> None:
    rule = rule_or_read(document)
    assume(rule not in ("not_storable", "time_offset"))  # a schema does not see half characters and instants

    assert EVENT.is_valid(document) is (rule == "read")
