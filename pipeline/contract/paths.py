"""The fields of a submission, as dotted paths from ``data``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from pipeline.contract.models import MODELS, EventType


@cache
def paths(event_type: EventType) -> frozenset[str]:
    """Return every field that an event of this type may have; not what stands in the items of a list."""
    return frozenset(path for path, _ in _fields(MODELS[event_type]))


@cache
def texts(event_type: EventType) -> frozenset[str]:
    """Return the fields that hold a text."""
    return frozenset(path for path, kinds in _fields(MODELS[event_type]) if str in kinds)


def _fields(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, list[Any]]]:
    for name, field in model.model_fields.items():
        path, kinds = f"{before}{name}", list(_kinds(field.annotation))
        yield path, kinds
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _fields(kind, f"{path}.")


def _kinds(annotation: Any) -> Iterator[Any]:
    """Yield what a value may be, without what else is said of it and without ``None``."""
    if hasattr(annotation, "__metadata__"):
        yield from _kinds(annotation.__origin__)
    elif hasattr(annotation, "__args__") and type(None) in get_args(annotation):
        for one in get_args(annotation):
            yield from _kinds(one)
    elif annotation is not type(None):
        yield annotation
