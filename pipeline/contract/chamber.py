"""Numbers of the chamber of commerce, as people type them."""

from __future__ import annotations

import re


def normalise_kvk(text: str) -> str:
    """Return ``text`` without white space, dots and a leading "KvK" in any capitals."""
    bare = "".join(text.split()).replace(".", "")
    return re.sub(r"^(?:kvk)+", "", bare, flags=re.IGNORECASE | re.ASCII)


def is_kvk(text: str) -> bool:
    """Tell whether ``text`` is a KvK number once normalised: 8 digits 0-9, not all zeros."""
    number = normalise_kvk(text)
    return re.fullmatch(r"[0-9]{8}", number) is not None and number != "00000000"


def is_establishment_number(text: str) -> bool:
    """Tell whether ``text`` is an establishment number once normalised: 12 digits 0-9."""
    return re.fullmatch(r"[0-9]{12}", normalise_kvk(text)) is not None
