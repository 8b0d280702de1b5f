"""What an event claims for itself, so that it is taken in, or refused for the same reason, only once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pipeline.contract import identity


def of_pair(document: Mapping[str, Any]) -> str | None:
    """Return what an accepted event claims: its source and id; None when it has none that are usable."""
    pair = identity(document)
    return None if pair is None else _digest("accepted", *pair)


def of_refusal(digest: str, rule: str, field: str) -> str:
    """Return what a refused event claims: its bytes and what is wrong with them."""
    return _digest("refused", digest, rule, field)


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
