"""What differs between two versions of a submission, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One field that is not the same.

    Attributes:
        field: dotted path from ``data``.
        old: what stood there before; None where nothing did.
        new: what stands there now; None where nothing does.
    """

    field: str
    old: Any
    new: Any


def differences(old: Mapping[str, Any], new: Mapping[str, Any], before: str = "") -> Iterator[Difference]:
    """Yield each field that differs, in the order of the old version and then of what is new.

    A list is one field: its items have no names by which to know them again. A field that is not there, one that is
    null and an empty part are the same: the rules make no difference between them.
    """
    for name in dict.fromkeys([*old, *new]):
        was, stands = old.get(name), new.get(name)
        if isinstance(was, Mapping) or isinstance(stands, Mapping):
            yield from _of_parts(was, stands, f"{before}{name}")
        elif was != stands:
            yield Difference(f"{before}{name}", was, stands)


def _of_parts(was: Any, stands: Any, path: str) -> Iterator[Difference]:
    if any(one is not None and not isinstance(one, Mapping) for one in (was, stands)):
        yield Difference(path, was, stands)  # a key of the sender's own that changed its kind
        return
    yield from differences(was or {}, stands or {}, f"{path}.")
