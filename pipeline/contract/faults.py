"""Faults found in an event, and which of them is named: the first in document order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, LiteralString, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from pipeline.errors import Refused, shorten

SEND_AGAIN: Final = "Correct it and send the event again."
FILL_IN: Final = "It is required: fill it in and send the event again."

# What pydantic calls a wrong JSON type, and what we would have accepted instead.
TYPES: Final[Mapping[str, str]] = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
}


class Fault(NamedTuple):
    """One thing wrong with an event; ``loc`` is its path in the document, list positions included."""

    loc: tuple[str | int, ...]
    rule: str
    expected: str
    got: str
    advice: str = SEND_AGAIN

    def refused(self, prefix: str = "") -> Refused:
        """Return this fault as the refusal of the event; ``prefix`` goes before the field."""
        field = prefix + ".".join(shorten(step) for step in self.loc if isinstance(step, str))
        reason = f"{field}: expected {self.expected}, got {self.got}. {self.advice}"
        return Refused(self.rule, field, self.expected, self.got, reason)


def first(faults: Iterable[Fault], document: Mapping[str, Any]) -> Fault:
    """Return the fault that stands first in ``document``; of equals, the one named first.

    Raises:
        ValueError: there are no faults.
    """
    return min(faults, key=lambda fault: position(document, fault.loc))


def position(document: object, loc: tuple[str | int, ...]) -> tuple[int, ...]:
    """Return where ``loc`` stands in ``document``; a missing key comes after the present ones."""
    places = []
    for step in loc:
        if isinstance(document, Mapping):
            places.append(list(document).index(step) if step in document else len(document))
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int):
            places.append(step)
            document = document[step]
    return tuple(places)


def custom(
    rule: LiteralString, expected: str, *, got: str = "", advice: str = SEND_AGAIN, at: str = ""
) -> Exception:
    """Return what a field's own check raises; ``at`` names a key inside the value checked."""
    context = {"expected": expected, "got": got, "advice": advice, "at": at}
    return PydanticCustomError(rule, "{expected}", context)


def of(error: ValidationError) -> list[Fault]:
    """Return what pydantic found, in our words."""
    return [_of_details(details) for details in error.errors(include_url=False)]


def _of_details(details: ErrorDetails) -> Fault:
    kind, loc, value, context = details["type"], details["loc"], details["input"], details.get("ctx", {})
    if "advice" in context:
        inside = (context["at"],) if context["at"] else ()
        return Fault(
            loc + inside, kind, context["expected"], context["got"] or told(value), context["advice"]
        )
    if kind == "missing":
        return Fault(loc, "required", "a value", "nothing", FILL_IN)
    expected = (
        "one of " + str(context["expected"]) if kind == "literal_error" else TYPES.get(kind, details["msg"])
    )
    rule = _rule(kind, loc, value)
    return Fault(loc, rule, expected, told(value), FILL_IN if rule == "required" else SEND_AGAIN)


def _rule(kind: str, loc: tuple[str | int, ...], value: object) -> str:
    # Only a field that may not be null complains of null; an item of a list has no such choice.
    if value is None and isinstance(loc[-1], str):
        return "required"
    return "not_in_list" if kind == "literal_error" and isinstance(value, str) else "wrong_type"


def told(value: object) -> str:
    """Return a JSON value in words, as a person would name it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return shorten(value) or "an empty text"
    if isinstance(value, int | float):
        return f"the number {shorten(value, 40)}"
    return "an object" if isinstance(value, Mapping) else "a list"
