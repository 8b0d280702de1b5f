"""The same letter to another address: only the lines that say to whom, when and under which name differ."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from pipeline.mail import mime
from pipeline.mail.address import envelope

_LINE: Final = re.compile(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*")
_OWN: Final = re.compile(rb"(?:To|Date|Message-ID):", re.IGNORECASE)


def to(raw: bytes, address: str, *, message_id: str, date: datetime) -> bytes:
    """Return a letter of ours for another recipient.

    Args:
        raw: as ``letters.render`` made it.
        message_id: ``<left@right>``, of the new letter.
        date: when it is written, aware.

    Raises:
        ValueError: ``address`` is none for one recipient.
    """
    header, _, body = raw.partition(b"\r\n\r\n")
    kept = [line for line in _LINE.findall(header + b"\r\n") if not _OWN.match(line)]
    return b"".join(kept) + _own(address, message_id, date) + b"\r\n" + body


def _own(address: str, message_id: str, date: datetime) -> bytes:
    return mime.recipient(envelope(address)) + mime.date(date) + mime.header("Message-ID", message_id)
