"""A parsed event, read: envelope, then type, then data, or its first fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from pipeline.contract import faults
from pipeline.contract.faults import FILL_IN, Fault, told
from pipeline.contract.models import MODELS, Data, Envelope, EventType, Part
from pipeline.contract.moments import instant, received_on
from pipeline.contract.storable import first_unstorable

Model = TypeVar("Model", bound=Part)


@dataclass(frozen=True)
class Inbound:
    """One valid event.

    Attributes:
        time: as sent, in UTC.
        received_on: the local date in Europe/Amsterdam of ``time``.
        data: what the event says; which model follows from ``type``.
        document: the event as parsed, unknown keys included.
    """

    source: str
    id: str
    type: EventType
    time: datetime
    received_on: date
    data: Data
    document: dict[str, Any]


def read(document: dict[str, Any], *, may_hold_halves: bool = True) -> Inbound:
    """Return a parsed event, checked as far as the contract alone can.

    Args:
        may_hold_halves: whether to look for halves of characters, which takes a look at every value.

    Raises:
        Refused: the first fault in the order envelope, type, data; within each
            in the order of the document, what is missing after what is there.
    """
    outside = {key: value for key, value in document.items() if key not in ("type", "data")}
    envelope = checked(Envelope, outside, may_hold_halves=may_hold_halves)
    event_type = _type(document)
    data = checked(MODELS[event_type], _data(document), may_hold_halves=may_hold_halves)
    time = instant(envelope.time)
    return Inbound(envelope.source, envelope.id, event_type, time, received_on(time), data, document)


def checked(
    model: type[Model],
    document: Mapping[str, Any],
    prefix: str = "",
    order: Mapping[str, Any] | None = None,
    *,
    may_hold_halves: bool = True,
) -> Model:
    """Return ``document`` as ``model``.

    Args:
        prefix: goes before the field of a refusal.
        order: the document whose order counts, when it is not this one.
        may_hold_halves: see ``read``.

    Raises:
        Refused: the first fault in document order.
    """
    # First, so that of two faults in one text this is named.
    found = _unstorable(document) if may_hold_halves else []
    try:
        read_as = model.model_validate(document)
    except ValidationError as error:
        found += faults.of(error)
    if found:
        raise faults.first(found, document if order is None else order).refused(prefix)
    return read_as


def _type(document: Mapping[str, Any]) -> EventType:
    value = document.get("type")
    if isinstance(value, str) and value in MODELS:
        return EventType(value)
    if isinstance(value, str):
        expected = "one of " + ", ".join(EventType)
        raise Fault(("type",), "unknown_type", expected, told(value)).refused()
    raise _absent_or_wrong("type", document, "the type of the event, a text")


def _data(document: Mapping[str, Any]) -> dict[str, Any]:
    value = document.get("data")
    if isinstance(value, dict):
        return value
    raise _absent_or_wrong("data", document, "an object")


def _absent_or_wrong(key: str, document: Mapping[str, Any], expected: str) -> Exception:
    value = document.get(key)
    got = told(value) if key in document else "nothing"
    if value is None:
        return Fault((key,), "required", expected, got, FILL_IN).refused()
    return Fault((key,), "wrong_type", expected, got).refused()


def _unstorable(document: Mapping[str, Any]) -> list[Fault]:
    loc = first_unstorable(document)
    if loc is None:
        return []
    advice = "Remove the half character (a lone surrogate) and send the event again."
    return [Fault(loc, "not_storable", "text that UTF-8 can hold", "a lone surrogate", advice)]
