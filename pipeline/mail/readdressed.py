"""The same letter to another address: only the lines that say to whom, when and under which name differ."""

from __future__ import annotations

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Final

from pipeline.contract import AMSTERDAM
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
    username, _, domain = envelope(address).rpartition("@")
    message = EmailMessage(policy=SMTP if envelope(address).isascii() else SMTPUTF8)
    message["To"] = Address(username=username, domain=domain)
    message["Date"] = date.astimezone(AMSTERDAM).replace(microsecond=0)
    message["Message-ID"] = message_id
    return message.as_bytes().removesuffix(b"\r\n")
