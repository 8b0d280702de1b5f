"""Faults in settings as sentences: one ``SettingsError`` names them all, one a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from pipeline.errors import SettingsError, shorten


def raise_all(faults: Iterable[str]) -> None:
    """Raise what there is to complain about, if anything.

    Raises:
        SettingsError: its text is the faults, one a line.
    """
    lines = list(faults)
    if lines:
        raise SettingsError("\n".join(lines))


def details(error: ValidationError) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Each fault that pydantic found: its place, and the rest of a sentence that says what may be."""
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        yield fault["loc"], _advice(fault["type"], fault["msg"])


def sentences(error: ValidationError) -> Iterator[str]:
    """Each fault with its place and what came; not for values that may be secret."""
    for fault in error.errors(include_url=False, include_context=False):
        came = "" if fault["type"] == "missing" or isinstance(fault["input"], dict) else _came(fault["input"])
        yield f"{_dotted(fault['loc'])} {_advice(fault['type'], fault['msg'])}{came}."


def _came(value: object) -> str:
    return f", got {shorten(value if isinstance(value, list) else str(value))}"


def _advice(kind: str, message: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a key that is known here"
    if kind == "union_tag_not_found":
        return "must name its check"
    if kind == "union_tag_invalid":
        return f"must have a check that is known: {message.rpartition(': ')[2]}"
    return message.removeprefix("Value error, ").replace("Input should", "must", 1)


def _dotted(place: tuple[int | str, ...]) -> str:
    """Name a place in a file; ``#2`` is the second of a list."""
    text = ""
    for step in place:
        if step != "[key]":  # pydantic's mark that the key itself is at fault, not its value
            text += f"#{step + 1}" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "the file"
