"""One address for one recipient, in the form that the most servers take."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email


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
