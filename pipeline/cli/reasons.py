"""Reasons that a letter tells, as they are typed."""

from __future__ import annotations

from pipeline.errors import UsageError

LONGEST = 1000  # characters: it stands in a letter, not in a dossier


def readable(reason: str, what: str) -> str:
    """Return a reason as a letter can print it.

    Args:
        what: that it tells the provider, such as ``why the decision takes longer``.

    Raises:
        UsageError: there is nothing to read, or too much.
    """
    text = reason.strip()
    if not any(sign.isalpha() for sign in text) or not text.isprintable():
        raise UsageError(f"--reason tells the provider in a sentence {what}.")
    if len(text) > LONGEST:
        raise UsageError(f"--reason has at most {LONGEST} characters, got {len(text)}.")
    return text
