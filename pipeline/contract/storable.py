"""Text that UTF-8 cannot hold: halves of characters, as escapes in JSON may bring them."""

from __future__ import annotations

from pipeline.contract.fields import SURROGATE

Loc = tuple[str | int, ...]


def first_unstorable(value: object, loc: Loc = ()) -> Loc | None:
    """Return where the first text, key or value, known to us or not, stands that UTF-8 cannot hold."""
    items = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    for key, item in items:
        if _has_half(key) or _has_half(item):
            return (*loc, key)
        if item and type(item) in (list, dict):
            found = first_unstorable(item, (*loc, key))
            if found is not None:
                return found
    return None


def _has_half(value: object) -> bool:
    return type(value) is str and not value.isascii() and SURROGATE.search(value) is not None
