"""One address for one recipient, in the form that the most servers take."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

_KEPT: Final = 128  # addresses: one letter asks several times after the same


@lru_cache(_KEPT)
def envelope(address: str) -> str:
    """Return ``address`` for use in an envelope: in ASCII where only its domain is not.

    A local part beyond ASCII stays as it is and needs a server with SMTPUTF8.

    Raises:
        ValueError: it is no address for exactly one recipient.
    """
    try:
        known = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"{address!r} is no address for one recipient: {error}") from error
    return known.ascii_email or known.normalized
