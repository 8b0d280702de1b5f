"""What came back by mail: a delivery status notification (RFC 3464), or something else.

Anybody may send us anything: whatever it is, it is read without harm, up to a certain length, in time
that grows with its length. The library's own parser takes seconds for what is made to be hard for it;
we need three parts of one kind of message, and look at nothing else.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from pipeline.errors import PipelineError, shorten

LARGEST: Final = 256 * 1024  # bytes that are looked at, and kept
FAILED: Final = "failed"
ACTIONS: Final = (FAILED, "delayed", "delivered", "relayed", "expanded")

_ADDRESS_LENGTH: Final = 320
_MOST_RECIPIENTS: Final = 100
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,200}@[!-;=?-~]{1,200}>")
_REPORTS: Final = ("message/delivery-status", "message/global-delivery-status")
_HEADERS: Final = ("text/rfc822-headers", "message/global-headers")
_LETTERS: Final = ("message/rfc822", "message/global")

_MOST_PARTS: Final = 10
_HEADER_LENGTH: Final = 64 * 1024  # bytes of the headers of a message or part, or of its fields
_FIELD_LENGTH: Final = 2000  # bytes of one field
_BOUNDARY: Final = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_BLANK: Final = re.compile(rb"\n(?:[ \t]*\n)+")


class _Part(NamedTuple):
    header: bytes
    body: bytes

    @property
    def type(self) -> str:
        """Such as ``text/plain``, in lower case."""
        return _text(self.header, "Content-Type").partition(";")[0].strip().lower()


class NoNotification(PipelineError):
    """What came is no delivery status notification; ``str(error)`` says what it is instead."""


@dataclass(frozen=True)
class Fate:
    """What became of a letter for one recipient.

    Attributes:
        action: one of ``ACTIONS``.
        status: such as 5.1.1 (RFC 3463); empty where it is none.
        addresses: of the recipient, as it was given at first and as it was in the end.
        diagnostic: the words of the server that refused it, as one line.
    """

    action: str
    status: str
    addresses: tuple[str, ...]
    diagnostic: str


@dataclass(frozen=True)
class Notification:
    """One notification.

    Attributes:
        message_id: of the letter that it is about, in angle brackets, where it says so.
        envelope_id: our own name for that letter, where it says so.
    """

    fates: tuple[Fate, ...]
    message_id: str | None
    envelope_id: str | None


def read(raw: bytes) -> Notification:
    """Read a notification; only its first ``LARGEST`` bytes count.

    Raises:
        NoNotification: it is none.
    """
    message = _part(raw[:LARGEST].replace(b"\r\n", b"\n"))
    parts = list(_parts(message)) if message.type == "multipart/report" else []
    report = next((part for part in parts if part.type in _REPORTS), None)
    if report is None:
        raise NoNotification(_otherwise(message))
    about, *blocks = _BLANK.split(report.body[:_HEADER_LENGTH].strip(b"\n"), _MOST_RECIPIENTS)
    fates = [fate for block in blocks if (fate := _fate(block)) is not None]
    if not fates:
        raise NoNotification("It is a delivery status notification that tells of no recipient.")
    envelope_id = _text(about, "Original-Envelope-Id")
    return Notification(tuple(fates), _message_id(parts), envelope_id or None)


def _part(raw: bytes) -> _Part:
    """Split a message or a part of one; it may begin with the blank line where it has no headers."""
    header, _, body = (b"\n" + raw).partition(b"\n\n")
    return _Part(header[:_HEADER_LENGTH], body)


def _parts(message: _Part) -> Iterator[_Part]:
    """Yield the parts of a message with several, but not the parts of those."""
    found = _BOUNDARY.search(_text(message.header, "Content-Type"))
    if found is None:
        return
    delimiter = b"\n--" + (found[1] or found[2]).encode()
    for piece in (b"\n" + message.body).split(delimiter, _MOST_PARTS)[1:]:
        rest_of_line, _, content = piece.partition(b"\n")
        if rest_of_line.startswith(b"--"):
            return
        yield _part(content)


def _otherwise(message: _Part) -> str:
    subject = _text(message.header, "Subject")
    answers = _text(message.header, "Auto-Submitted").lower() not in ("", "no")
    kind = "an automatic answer" if answers else "other mail"
    return f"It is no delivery status notification but {kind}{f': {subject}' if subject else ''}."


def _fate(block: bytes) -> Fate | None:
    action = _text(block, "Action").lower()
    found = (_address(block, name) for name in ("Original-Recipient", "Final-Recipient"))
    addresses = tuple(address for address in found if address)
    if action not in ACTIONS or not addresses:
        return None
    status = _STATUS.search(_text(block, "Status"))
    return Fate(action, status[0] if status else "", addresses, _text(block, "Diagnostic-Code"))


def _address(block: bytes, name: str) -> str:
    """Return the address of a field such as ``rfc822; somebody@school.example``."""
    _, _, address = _text(block, name).partition(";")
    address = address.strip().removeprefix("<").removesuffix(">")
    return address if len(address) <= _ADDRESS_LENGTH else ""


def _message_id(parts: list[_Part]) -> str | None:
    """Return the Message-ID of the letter that comes back, or of its headers."""
    for part in parts:
        if part.type in (*_LETTERS, *_HEADERS):
            found = _MESSAGE_ID.search(_text(_part(_decoded(part)).header, "Message-ID"))
            return found[0] if found else None
    return None


def _decoded(part: _Part) -> bytes:
    content = part.body[:_HEADER_LENGTH]
    match _text(part.header, "Content-Transfer-Encoding").lower():
        case "quoted-printable":
            return quopri.decodestring(content)
        case "base64":
            try:
                return binascii.a2b_base64(content).replace(b"\r\n", b"\n")
            except binascii.Error:
                return b""
    return content


def _text(header: bytes, name: str) -> str:
    """Return a field as one printable line; empty where it is not there."""
    field = re.search(rb"(?im)^%b:(.*(?:\n[ \t].*)*)" % name.encode(), header)
    words = field[1][:_FIELD_LENGTH].decode("utf-8", "replace").split() if field else []
    return shorten(" ".join(words), 500)
